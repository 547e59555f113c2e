/** One message, and the thread under it. */
import { Blocks } from './blocks.js';
import { Surface } from './contexts.js';
import { fullMoment, timeOfDay } from './dates.js';
import { Shared } from './files.js';
import { html, useId } from './html.js';
import { mrkdwn } from './mrkdwn.js';
import { Avatar } from './people.js';
import { useSurface } from './surface.js';
import { mentions } from './unread.js';

function authorOf(message, reader) {
  const user = reader.users.get(message.user);
  // Nobody's list of users has Slack's own voice.
  return { id: message.user ?? '', name: user?.real_name ?? 'Slackbot', app: user?.is_bot ?? true };
}

export function momentOf(message) {
  return new Date(Number(message.ts) * 1000);
}

export function Message({ message, channel, reader, send }) {
  const id = useId();
  const surface = useSurface(send, { channel, message_ts: message.ts }, message.blocks ?? []);
  const author = authorOf(message, reader);
  const at = momentOf(message);
  const named = mentions(message, reader.me, [...reader.usergroups.values()]);
  const failure = message.client_error ?? surface.error;
  return html`<article
    class="message ${message.ephemeral ? 'ephemeral' : ''} ${named ? 'names-you' : ''}"
    aria-labelledby="${id}-author ${id}-time"
    tabindex="-1"
    data-refuge
  >
    <${Avatar} ...${author} />
    <div class="message-body">
      ${message.ephemeral && html`<p class="only-you">Only visible to you</p>`}
      <p class="byline">
        <strong id="${id}-author">${author.name}</strong>
        ${author.app && html` <span class="badge">App</span>`}
        ${' '}<time id="${id}-time" datetime=${at.toISOString()} title=${fullMoment(at, reader)}>${timeOfDay(at, reader)}</time>
      </p>
      ${message.blocks?.length
        ? html`<${Surface.Provider} value=${surface}><${Blocks} blocks=${message.blocks} /></${Surface.Provider}>`
        : html`<div class="text">${mrkdwn(message.text ?? '', reader)}</div>`}
      ${message.files?.length > 0 && html`<${Shared} files=${message.files} />`}
      ${message.edited && html`<span class="edited">(edited)</span>`}
      ${failure && html`<p class="failure" role="alert">${failure}</p>`}
    </div>
  </article>`;
}

/** Sort a conversation into root messages, oldest first, each with its replies. */
export function threads(messages) {
  const roots = new Map();
  const ordered = [...messages].sort((a, b) => Number(a.ts) - Number(b.ts));
  for (const message of ordered) {
    if (!message.thread_ts || message.thread_ts === message.ts) roots.set(message.ts, { root: message, replies: [] });
  }
  for (const message of ordered) {
    if (!message.thread_ts || message.thread_ts === message.ts) continue;
    // A reply whose root was deleted is still something somebody said.
    if (roots.has(message.thread_ts)) roots.get(message.thread_ts).replies.push(message);
    else roots.set(message.ts, { root: message, replies: [] });
  }
  return [...roots.values()].sort((a, b) => Number(a.root.ts) - Number(b.root.ts));
}

export function Thread({ root, replies, ...context }) {
  return html`<div class="thread">
    <${Message} message=${root} ...${context} />
    ${replies.length > 0 && html`<details open class="replies">
      <summary>${replies.length === 1 ? '1 reply' : `${replies.length} replies`}</summary>
      ${replies.map((reply) => html`<${Message} key=${reply.ts} message=${reply} ...${context} />`)}
    </details>`}
  </div>`;
}
