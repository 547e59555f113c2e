/** "Are you sure?": a Block Kit confirm object as a dialog. */
import { html, render, useEffect, useRef } from './html.js';
import { plainWords, textObject } from './mrkdwn.js';

const host = document.createElement('div');

function Confirm({ confirm, reader, onAnswer }) {
  const dialog = useRef();
  useEffect(() => dialog.current.showModal(), []);
  return html`<dialog
    class="confirm"
    role="alertdialog"
    ref=${dialog}
    aria-labelledby="confirm-title"
    aria-describedby="confirm-text"
    onClose=${() => onAnswer(dialog.current.returnValue === 'yes')}
  >
    <form method="dialog">
      <h2 id="confirm-title">${plainWords(confirm.title)}</h2>
      <p id="confirm-text" class="text">${textObject(confirm.text, reader)}</p>
      <div class="dialog-buttons">
        <button class="button" value="no" autofocus>${plainWords(confirm.deny)}</button>
        <button class="button ${confirm.style ?? 'primary'}" value="yes">${plainWords(confirm.confirm)}</button>
      </div>
    </form>
  </dialog>`;
}

/** Resolves to whether the person said yes; Esc is a no. */
export function ask(confirm, reader) {
  document.body.append(host);
  return new Promise((resolve) => {
    function onAnswer(yes) {
      render(null, host);
      resolve(yes);
    }
    render(html`<${Confirm} ...${{ confirm, reader, onAnswer }} />`, host);
  });
}
