/** A channel or a direct conversation: its messages, and the line to write into it. */
import { Composer } from './composer.js';
import { dayHeading, dayOf } from './dates.js';
import { Fragment, html, useEffect, useLayoutEffect, useRef, useState } from './html.js';
import { momentOf, Thread, threads } from './messages.js';
import { markRead } from './unread.js';

const NEAR_END_PX = 60;

/** Draw it with the channel's id as key: every conversation starts at its newest message. */
export function Conversation({ channel, title, about, messages, reader, me, send, commands }) {
  const log = useRef();
  const atEnd = useRef(true);
  const [behind, setBehind] = useState(false);
  const newest = messages.reduce((latest, message) => Math.max(latest, Number(message.ts)), 0);

  function toEnd() {
    log.current.scrollTop = log.current.scrollHeight;
    atEnd.current = true;
    setBehind(false);
  }

  // No list of dependencies: any redraw may have changed the height.
  useLayoutEffect(() => {
    if (atEnd.current) log.current.scrollTop = log.current.scrollHeight;
  });
  useEffect(() => {
    if (!atEnd.current) setBehind(true);
    if (!document.hidden) markRead(messages, me.id, channel);
  }, [newest]);
  useEffect(() => {
    const seen = () => document.hidden || markRead(messages, me.id, channel);
    document.addEventListener('visibilitychange', seen);
    return () => document.removeEventListener('visibilitychange', seen);
  });

  function onScroll() {
    const { scrollHeight, scrollTop, clientHeight } = log.current;
    atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (atEnd.current) setBehind(false);
  }

  let day;
  return html`<main class="conversation" id="main">
    <header class="place-head">
      <h2>${title}</h2>
      ${about && html`<p>${about}</p>`}
    </header>
    <div class="log" role="log" aria-label="Messages in ${title}" tabindex="0" ref=${log} onScroll=${onScroll}>
      <div class="log-inner">
        ${messages.length === 0 && html`<div class="empty">
          <p><strong>Nothing here yet.</strong></p>
          <p>Type <kbd>/</kbd> in the line below to see what you can do.</p>
        </div>`}
        ${threads(messages).map(({ root, replies }) => {
          const before = day;
          const at = momentOf(root);
          day = dayOf(at, reader);
          return html`<${Fragment} key=${root.ts}>
            ${day !== before && html`<h3 class="day"><span>${dayHeading(at, reader)}</span></h3>`}
            <${Thread} ...${{ root, replies, channel, reader, send }} />
          </${Fragment}>`;
        })}
      </div>
    </div>
    ${behind && html`<button type="button" class="button newest" onClick=${toEnd}>Newest messages ↓</button>`}
    <${Composer} ...${{ channel, title, reader, send, commands }} onSent=${toEnd} />
  </main>`;
}
