/** Files: those that a message shares, and Block Kit's file_input, which uploads what is picked at once. */
import { Surface } from './contexts.js';
import { html, useContext, useState } from './html.js';
import { pictureOf } from './pictures.js';

const MAX_BYTES = 10 * 1024 * 1024;
const PICTURES = ['png', 'jpg', 'gif'];

function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

function File({ file }) {
  return html`${PICTURES.includes(file.filetype) && html`<img src=${pictureOf({ slack_file: file })} alt="" />`}
    <a href=${`/client/files/${file.id}`} target="_blank" rel="noopener">${file.title}</a>
    <small>${sizeOf(file.size)}</small>`;
}

/** The files that a message shares. */
export function Shared({ files }) {
  return html`<ul class="picked" aria-label="Files">
    ${files.map((file) => html`<li key=${file.id}><${File} file=${file} /></li>`)}
  </ul>`;
}

function Picked({ file, busy, onRemove }) {
  return html`<li>
    <${File} file=${file} />
    <button type="button" class="icon-button" aria-label="Remove ${file.name}" onClick=${() => busy || onRemove()}>✕</button>
  </li>`;
}

export function FileInput({ block, element, value, onValue, field }) {
  const { upload } = useContext(Surface);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const most = element.max_files ?? 10;

  async function take(picked) {
    // Where there is place for one only, another one takes its place.
    let files = most === 1 ? [] : value;
    if (files.length + picked.length > most) {
      setProblem(`You can add at most ${most} ${most === 1 ? 'file' : 'files'}.`);
      return;
    }
    setProblem(null);
    setBusy(true);
    for (const file of picked) {
      const answer = file.size > MAX_BYTES
        ? { ok: false, error: `${file.name} is larger than 10 MB.` }
        : await upload(block, element, file);
      if (!answer.ok) {
        setProblem(answer.error);
        break;
      }
      files = [...files, answer.file];
      onValue(files);
    }
    setBusy(false);
  }

  function onChange({ currentTarget }) {
    const picked = [...currentTarget.files];
    // Emptied, so that the same file can be picked again after it was removed.
    currentTarget.value = '';
    if (!busy && picked.length) take(picked);
  }

  const { id, 'aria-describedby': described } = field;
  return html`<div class="files">
    <input
      type="file"
      ...${field}
      aria-describedby=${[described, problem && `${id}-refused`].filter(Boolean).join(' ') || null}
      aria-busy=${busy ? 'true' : null}
      multiple=${most > 1}
      accept=${element.filetypes?.map((type) => `.${type}`).join(',')}
      onChange=${onChange}
    />
    ${busy && html`<p class="hint" role="status">Uploading …</p>`}
    ${problem && html`<p class="problem" role="alert" id="${id}-refused">${problem}</p>`}
    ${value.length > 0 && html`<ul class="picked" aria-label="Files added">
      ${value.map((file) => html`<${Picked}
        key=${file.id}
        ...${{ file, busy }}
        onRemove=${() => onValue(value.filter(({ id: one }) => one !== file.id))}
      />`)}
    </ul>`}
  </div>`;
}
