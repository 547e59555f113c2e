/** Block Kit's interactive elements, wherever they stand. */
import { ask } from './confirm.js';
import { Reader, Surface } from './contexts.js';
import { entryOf, heldKey } from './entries.js';
import { FIELDS, isField } from './fields.js';
import { html, useContext, useRef, useState } from './html.js';
import { isSafeLink, plainWords } from './mrkdwn.js';
import { pictureOf } from './pictures.js';

/** Acting on an element: `perform` resolves to false if the person thought better of it. */
function useAct(block, element) {
  const { act } = useContext(Surface);
  const reader = useContext(Reader);
  const sending = useRef(false);
  const [busy, setBusy] = useState(false);

  async function perform(payload) {
    if (sending.current) return true;
    if (element.confirm && !(await ask(element.confirm, reader))) return false;
    sending.current = true;
    setBusy(true);
    await act(block, element, payload);
    sending.current = false;
    setBusy(false);
    return true;
  }
  return [perform, busy];
}

/** Values follow one another faster than answers: each is sent, and in its turn. */
function useTell(block, element) {
  const { act } = useContext(Surface);
  const reader = useContext(Reader);
  const last = useRef(Promise.resolve());

  return async function tell(payload) {
    if (element.confirm && !(await ask(element.confirm, reader))) return false;
    last.current = last.current.then(() => act(block, element, payload));
    await last.current;
    return true;
  };
}

function Button({ block, element }) {
  const [perform, busy] = useAct(block, element);
  const common = {
    class: `button ${element.style ?? ''}`,
    'aria-label': element.accessibility_label,
    onClick: () => perform(element.value === undefined ? {} : { value: element.value }),
  };
  if (isSafeLink(element.url)) {
    return html`<a ...${common} href=${element.url} target="_blank" rel="noopener noreferrer">${plainWords(element.text)}</a>`;
  }
  // aria-disabled, because a disabled button would lose the keyboard's focus.
  return html`<button type="button" ...${common} aria-disabled=${busy ? 'true' : null} aria-busy=${busy ? 'true' : null}>
    ${plainWords(element.text)}
  </button>`;
}

function Overflow({ block, element }) {
  const [perform] = useAct(block, element);
  const menu = useRef();

  function close() {
    menu.current.open = false;
    menu.current.querySelector('summary').focus();
  }
  return html`<details
    class="overflow"
    ref=${menu}
    onToggle=${() => menu.current.open && menu.current.lastElementChild.scrollIntoView({ block: 'nearest' })}
    onKeyDown=${(event) => {
      if (event.key !== 'Escape' || !menu.current.open) return;
      event.preventDefault();
      event.stopPropagation();
      close();
    }}
    onFocusOut=${(event) => {
      if (event.relatedTarget && !menu.current.contains(event.relatedTarget)) menu.current.open = false;
    }}
  >
    <summary class="button" aria-label="More actions">⋯</summary>
    <div class="menu">
      ${element.options.map((option) => html`<button
        type="button"
        key=${option.value}
        onClick=${() => {
          close();
          if (isSafeLink(option.url)) window.open(option.url, '_blank', 'noopener');
          perform({ selected_option: option });
        }}
      >${plainWords(option.text)}</button>`)}
    </div>
  </details>`;
}

/** A value-holding element; its value lives in its surface, so that a redraw cannot lose it. */
export function Field({ block, element, field }) {
  const { entries, setEntry } = useContext(Surface);
  const tell = useTell(block, element);
  const held = entries(block, element)[heldKey(element.type)];
  const tells = block.type !== 'input' || block.dispatch_action;
  const waitsForEnter = element.type.endsWith('_input');

  async function onValue(value) {
    const entry = entryOf(element, value);
    const before = entries(block, element);
    setEntry(block, element, entry);
    if (tells && !waitsForEnter && !(await tell(entry))) setEntry(block, element, before);
  }
  const props = tells && waitsForEnter && !element.multiline
    ? { ...field, onKeyDown: (event) => event.key === 'Enter' && (event.preventDefault(), tell(entryOf(element, held))) }
    : field;
  return html`<${FIELDS[element.type]}
    ...${{ block, element, onValue }}
    value=${held}
    field=${{ ...props, autofocus: Boolean(element.focus_on_load) }}
  />`;
}

/** An element of a section or an actions block. */
export function Element({ block, element }) {
  if (element.type === 'button') return html`<${Button} ...${{ block, element }} />`;
  if (element.type === 'overflow') return html`<${Overflow} ...${{ block, element }} />`;
  if (element.type === 'image') return html`<img class="accessory" src=${pictureOf(element)} alt=${element.alt_text} />`;
  if (isField(element)) {
    const name = plainWords(element.placeholder) || 'Choose';
    return html`<${Field} ...${{ block, element }} field=${{ 'aria-label': name, id: `${block.block_id}-${element.action_id}` }} />`;
  }
  return html`<span class="unknown">${element.type} cannot be shown in the sandbox</span>`;
}
