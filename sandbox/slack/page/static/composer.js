/** The line to type a command or a message into. */
import { html, useEffect, useId, useRef, useState } from './html.js';

/** One suggestion for each way a command's usage hint names, and the bare command when it names none. */
function suggestionsFor(typed, commands) {
  if (!typed.startsWith('/')) return [];
  return commands
    .flatMap(({ command, description, usage_hint: hint }) => {
      const ways = hint?.includes(' | ') ? hint.split(' | ') : [''];
      return ways.map((way) => ({ text: `${command} ${way}`.trim(), description, hint: way ? '' : hint }));
    })
    .filter(({ text }) => text.startsWith(typed.trimEnd()) && text !== typed.trimEnd());
}

/** People, groups and channels whose name or handle begins with the word being typed. */
function namesFor(typed, reader) {
  const [word, sign, start] = /(?:^|\s)([@#])([^\s@#]*)$/.exec(typed)?.map((part) => part.trim()) ?? [];
  if (!word) return [];
  const named = sign === '#'
    ? [...reader.channels.values()].map(({ name, topic }) => [name, topic])
    : [
        ...[...reader.users.values()].filter(({ deleted, is_bot: app }) => !deleted && !app).map((user) => [user.name, user.real_name]),
        ...[...reader.usergroups.values()].map((group) => [group.handle, group.name]),
      ];
  const wanted = start.toLowerCase();
  return named
    .filter(([name, about]) => name !== start && [name, about].some((one) => one.toLowerCase().startsWith(wanted)))
    .map(([name, hint]) => ({ text: `${typed.slice(0, typed.length - word.length)}${sign}${name} `, shown: `${sign}${name}`, hint }));
}

export function Composer({ channel, title, reader, send, commands, onSent }) {
  const id = useId();
  const input = useRef();
  const list = useRef();
  const [text, setText] = useState('');
  const [active, setActive] = useState(-1);
  const [closed, setClosed] = useState(false);
  const [sending, setSending] = useState(false);
  const [error, setError] = useState(null);
  const suggestions = closed ? [] : [...suggestionsFor(text, commands), ...namesFor(text, reader)];
  const open = suggestions.length > 0;

  useEffect(() => list.current?.children[active]?.scrollIntoView({ block: 'nearest' }), [active]);

  function type(value) {
    setText(value);
    setActive(-1);
    setClosed(false);
    setError(null);
  }

  function take(suggestion) {
    type(suggestion.text);
    setClosed(true);
    input.current.focus();
  }

  async function submit(event) {
    event.preventDefault();
    if (sending || !text.trim()) return;
    setSending(true);
    setClosed(true);
    setError(null);
    const answer = await send('command', { channel, text: text.trim() });
    setSending(false);
    if (!answer.ok) {
      setError(answer.error);
      return;
    }
    type('');
    onSent();
  }

  function onKeyDown(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape' && open) {
      event.preventDefault();
      setClosed(true);
    } else if (step && open) {
      event.preventDefault();
      // One position more than there are suggestions: that one is the typed text itself.
      const positions = suggestions.length + 1;
      setActive(((active + 1 + step + positions) % positions) - 1);
    } else if ((event.key === 'Enter' || event.key === 'Tab') && open && active >= 0) {
      event.preventDefault();
      take(suggestions[active]);
    }
  }

  return html`<form class="composer" onSubmit=${submit}>
    ${error && html`<p class="failure" role="alert" id="${id}-error">${error}</p>`}
    ${open && html`<ul class="suggestions" role="listbox" id="${id}-list" aria-label=${suggestions[0].shown ? 'Names' : 'Commands'} ref=${list}>
      ${suggestions.map((suggestion, index) => html`<li
        key=${suggestion.text}
        role="option"
        id="${id}-${index}"
        aria-selected=${index === active ? 'true' : 'false'}
        onMouseDown=${(event) => event.preventDefault()}
        onClick=${() => take(suggestion)}
      ><span>${suggestion.shown ?? suggestion.text}</span><small>${suggestion.hint || (index === 0 ? suggestion.description : '')}</small></li>`)}
    </ul>`}
    <label class="sr-only" for=${id}>Message or command in ${title}</label>
    <div class="composer-line">
      <input
        ref=${input}
        id=${id}
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck=${false}
        placeholder="Write, or type / for commands"
        aria-expanded=${open ? 'true' : 'false'}
        aria-controls="${id}-list"
        aria-autocomplete="list"
        aria-activedescendant=${active >= 0 && open ? `${id}-${active}` : null}
        aria-describedby=${error ? `${id}-error` : null}
        readonly=${sending}
        value=${text}
        onInput=${(event) => type(event.currentTarget.value)}
        onKeyDown=${onKeyDown}
        onBlur=${() => setClosed(true)}
      />
      <button class="button primary" aria-disabled=${sending || !text.trim() ? 'true' : null}>
        ${sending ? 'Sending …' : 'Send'}
      </button>
    </div>
  </form>`;
}
