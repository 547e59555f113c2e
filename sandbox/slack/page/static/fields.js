/** Block Kit's fields: the elements that hold a value. */
import { Reader, Surface } from './contexts.js';
import { FileInput } from './files.js';
import { html, useContext, useId, useRef, useState } from './html.js';
import { plainWords, textObject } from './mrkdwn.js';

function TextInput({ element, value, onValue, field }) {
  const common = {
    ...field,
    value: value ?? '',
    placeholder: plainWords(element.placeholder),
    maxlength: element.max_length,
    onInput: (event) => onValue(event.currentTarget.value || null),
  };
  if (element.multiline) return html`<textarea rows="4" ...${common} />`;
  const kinds = { email_text_input: 'email', url_text_input: 'url' };
  return html`<input
    type=${kinds[element.type] ?? 'text'}
    inputmode=${element.type === 'number_input' ? 'decimal' : null}
    autocomplete="off"
    ...${common}
  />`;
}

function DateOrTime({ element, value, onValue, field }) {
  return html`<input
    type=${element.type === 'datepicker' ? 'date' : 'time'}
    ...${field}
    value=${value ?? ''}
    onChange=${(event) => onValue(event.currentTarget.value || null)}
  />`;
}

function Select({ element, field, value, onValue, choices, groups }) {
  const chosen = choices.findIndex((choice) => choice.id === value);
  const options = (list) =>
    list.map((choice) => html`<option key=${choice.id} value=${choices.indexOf(choice)}>${choice.label}</option>`);
  return html`<select
    ...${field}
    value=${chosen < 0 ? '' : chosen}
    onChange=${(event) => onValue(choices[event.currentTarget.value] ?? null)}
  >
    <option value="">${plainWords(element.placeholder) || 'Choose one'}</option>
    ${groups
      ? groups.map(({ label, members }) => html`<optgroup key=${label} label=${label}>${options(members)}</optgroup>`)
      : options(choices)}
  </select>`;
}

const optionChoice = (option) => ({ id: option.value, label: plainWords(option.text), option });

function StaticSelect({ element, value, onValue, field }) {
  const groups = element.option_groups?.map((group) => ({
    label: plainWords(group.label),
    members: group.options.map(optionChoice),
  }));
  const choices = groups?.flatMap((group) => group.members) ?? element.options.map(optionChoice);
  return html`<${Select}
    ...${{ element, field, choices, groups }}
    value=${value?.value}
    onValue=${(choice) => onValue(choice?.option ?? null)}
  />`;
}

/** A menu that is searched: the app is asked for its options when it gets the focus, and while somebody types. */
function ExternalSelect({ block, element, value, onValue, field }) {
  const { suggest } = useContext(Surface);
  const [options, setOptions] = useState([]);
  const [typed, setTyped] = useState(null);
  const last = useRef(0);
  const list = useId();

  async function search(text) {
    const number = ++last.current;
    const found = text.length < (element.min_query_length ?? 3) ? [] : await suggest(block, text);
    // Answers may come in another order than questions.
    if (number === last.current) setOptions(found);
  }

  function onInput(event) {
    const text = event.currentTarget.value;
    const chosen = options.find((option) => plainWords(option.text) === text) ?? null;
    setTyped(chosen ? null : text);
    if (chosen || value) onValue(chosen);
    if (!chosen) search(text);
  }
  return html`<input
      ...${field}
      role="combobox"
      list=${list}
      autocomplete="off"
      placeholder=${plainWords(element.placeholder)}
      value=${typed ?? plainWords(value?.text)}
      onFocus=${() => search('')}
      onInput=${onInput}
    /><datalist id=${list}>
      ${options.map((option) => html`<option key=${option.value} value=${plainWords(option.text)} />`)}
    </datalist>`;
}

function UsersSelect({ element, value, onValue, field }) {
  const reader = useContext(Reader);
  const choices = people(reader).map((user) => ({ id: user.id, label: user.real_name }));
  return html`<${Select} ...${{ element, field, choices, value }} onValue=${(choice) => onValue(choice?.id ?? null)} />`;
}

function ChannelsSelect({ element, value, onValue, field }) {
  const reader = useContext(Reader);
  const choices = [...reader.channels.values()].map(({ id, name }) => ({ id, label: `#${name}` }));
  return html`<${Select} ...${{ element, field, choices, value }} onValue=${(choice) => onValue(choice?.id ?? null)} />`;
}

function people(reader) {
  return [...reader.users.values()].filter((user) => !user.deleted && !user.is_bot);
}

/** Checkboxes or radio buttons, one line an option. */
function Options({ type, options, chosen, onToggle, field }) {
  const reader = useContext(Reader);
  return html`<div
    class="options"
    role=${type === 'radio' ? 'radiogroup' : 'group'}
    aria-label=${field['aria-label']}
    aria-labelledby=${field['aria-labelledby']}
    aria-describedby=${field['aria-describedby']}
    aria-invalid=${type === 'radio' ? field['aria-invalid'] : null}
  >
    ${options.map((option) => html`<label key=${option.value}>
      <input
        type=${type}
        name=${field.id}
        checked=${chosen.some((one) => one.value === option.value)}
        onChange=${(event) => onToggle(option, event.currentTarget.checked)}
      />
      <span>
        ${textObject(option.text, reader)}
        ${option.description && html`<small>${textObject(option.description, reader)}</small>`}
      </span>
    </label>`)}
  </div>`;
}

function Radios({ element, value, onValue, field }) {
  return html`<${Options} type="radio" options=${element.options} chosen=${value ? [value] : []} field=${field} onToggle=${onValue} />`;
}

function toggled(chosen, option, on) {
  const others = chosen.filter((one) => one.value !== option.value);
  return on ? [...others, option] : others;
}

function Checkboxes({ element, value, onValue, field }) {
  const options = element.options ?? element.option_groups.flatMap((group) => group.options);
  return html`<${Options}
    type="checkbox"
    ...${{ options, field, chosen: value }}
    onToggle=${(option, on) => onValue(toggled(value, option, on))}
  />`;
}

function MultiUsers({ value, onValue, field }) {
  const options = people(useContext(Reader)).map((user) => ({
    value: user.id,
    text: { type: 'plain_text', text: user.real_name, emoji: false },
  }));
  const chosen = options.filter((option) => value.includes(option.value));
  return html`<${Options}
    type="checkbox"
    ...${{ options, field, chosen }}
    onToggle=${(option, on) => onValue(toggled(chosen, option, on).map((one) => one.value))}
  />`;
}

/** By type; each is given its `element`, its `value`, `onValue`, and `field`: its attributes. */
export const FIELDS = {
  plain_text_input: TextInput,
  number_input: TextInput,
  email_text_input: TextInput,
  url_text_input: TextInput,
  datepicker: DateOrTime,
  timepicker: DateOrTime,
  file_input: FileInput,
  static_select: StaticSelect,
  external_select: ExternalSelect,
  users_select: UsersSelect,
  channels_select: ChannelsSelect,
  conversations_select: ChannelsSelect,
  radio_buttons: Radios,
  checkboxes: Checkboxes,
  multi_static_select: Checkboxes,
  multi_users_select: MultiUsers,
};

export function isField(element) {
  return element.type in FIELDS;
}

/** These are a group of controls, which a `<label>` element cannot name. */
export function isGroup(element) {
  return [Radios, Checkboxes, MultiUsers].includes(FIELDS[element.type]);
}
