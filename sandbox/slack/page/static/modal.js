/** An app's form, as a dialog. */
import { Blocks } from './blocks.js';
import { Surface } from './contexts.js';
import { stateValues } from './entries.js';
import { html, useEffect, useId, useLayoutEffect, useRef, useState } from './html.js';
import { plainWords } from './mrkdwn.js';
import { useSurface } from './surface.js';

const FIELDS = '.dialog-body :is(input, select, textarea)';

/** What was typed, by view: it must survive another form being pushed on top and taken off again. */
const drafts = new Map();

function draftOf(viewId) {
  if (!drafts.has(viewId)) drafts.set(viewId, new Map());
  return drafts.get(viewId);
}

/** Draw it with the view's id as key, so that a redraw of the same view keeps its inputs. */
export function Modal({ view, send }) {
  const dialog = useRef();
  const refuge = useRef(document.activeElement?.closest('[data-refuge]'));
  const id = useId();
  const [sending, setSending] = useState(false);
  const [attempts, setAttempts] = useState(0);
  const surface = useSurface(send, { view_id: view.id }, view.blocks, {
    kept: draftOf(view.id),
    known: view.state.values,
  });
  surface.problems = view.errors ?? {};
  const failure = surface.error ?? view.client_error;

  useEffect(() => {
    const element = dialog.current;
    element.showModal();
    // Left alone, a dialog would start at its close button.
    ['[autofocus]', FIELDS, 'h2'].map((wanted) => element.querySelector(wanted)).find(Boolean).focus();
    return () => {
      // Closing gives the focus back to what opened the form, unless a redraw took that away.
      element.close();
      if (document.activeElement === document.body && refuge.current?.isConnected) refuge.current.focus();
    };
  }, []);

  const found = JSON.stringify(surface.problems);
  useLayoutEffect(() => {
    dialog.current.querySelector('.wrong :is(input, select, textarea)')?.focus();
  }, [found, attempts]);

  async function submit(event) {
    event.preventDefault();
    if (sending) return;
    setSending(true);
    surface.setError(null);
    await surface.settled();
    const answer = await send('submit', { view_id: view.id, values: stateValues(view.blocks, surface.entries) });
    setSending(false);
    // The same mistake twice is worth the same attention twice.
    setAttempts((count) => count + 1);
    if (!answer.ok) surface.setError(answer.error);
  }

  async function close() {
    const answer = await send('close', { view_id: view.id });
    if (answer.ok) drafts.delete(view.id);
    else surface.setError(answer.error);
  }

  const closeWords = plainWords(view.close) || 'Cancel';
  return html`<dialog
    class="modal"
    ref=${dialog}
    aria-labelledby="${id}-title"
    onCancel=${(event) => {
      // A file input's own cancel event bubbles up to here.
      if (event.target !== dialog.current) return;
      event.preventDefault();
      close();
    }}
  >
    <form novalidate onSubmit=${submit}>
      <header class="dialog-head">
        <h2 id="${id}-title" tabindex="-1">${plainWords(view.title)}</h2>
        <button type="button" class="icon-button" aria-label="Close this form" onClick=${close}>✕</button>
      </header>
      <div class="dialog-body">
        ${failure && html`<p class="failure" role="alert">${failure}</p>`}
        <${Surface.Provider} value=${surface}><${Blocks} blocks=${view.blocks} /></${Surface.Provider}>
      </div>
      <footer class="dialog-buttons">
        <button type="button" class="button" onClick=${close}>${closeWords}</button>
        ${view.submit && html`<button class="button primary" aria-disabled=${sending ? 'true' : null}>
          ${sending ? 'Sending …' : plainWords(view.submit)}
        </button>`}
      </footer>
    </form>
  </dialog>`;
}
