/** The ground blocks stand on: it keeps their values and carries their clicks to the server. */
import { initialEntry, stateValues, statefulElements, stillOffered } from './entries.js';
import { useLayoutEffect, useRef, useState } from './html.js';

const keyOf = (block, element) => `${block.block_id}/${element.action_id}`;

/**
 * `place` says in the server's words where `blocks` are: {channel, message_ts}, {view_id} or
 * {home: true}. `kept` holds values that must outlive the component, as a covered form's do, and
 * `known` is the server's `state.values`, for whoever comes back or has a second tab.
 */
export function useSurface(send, place, blocks, { kept, known } = {}) {
  const own = useRef(new Map());
  const values = kept ?? own.current;
  const pending = useRef(new Set());
  const [, redraw] = useState(0);
  const [error, setError] = useState(null);

  // An element that went away takes what it held with it, as in Slack.
  useLayoutEffect(() => {
    const there = new Map(statefulElements(blocks).map(({ block, element }) => [keyOf(block, element), element.type]));
    for (const [key, entry] of values) if (there.get(key) !== entry.type) values.delete(key);
  });

  function entries(block, element) {
    const told = known?.[block.block_id]?.[element.action_id];
    const entry = [values.get(keyOf(block, element)), told].find((one) => one?.type === element.type);
    return entry ? stillOffered(element, entry) : initialEntry(element);
  }

  async function act(block, element, payload) {
    setError(null);
    const { type, ...chosen } = payload;
    const answer = await send('action', {
      ...place,
      // An app that answers a click is told everything that is filled in around it.
      values: stateValues(blocks, entries),
      block_id: block.block_id,
      action_id: element.action_id,
      ...chosen,
    });
    if (!answer.ok) setError(answer.error);
  }

  async function suggest(block, typed) {
    const answer = await send('suggest', { ...place, block_id: block.block_id, typed });
    if (!answer.ok) setError(answer.error);
    return answer.options ?? [];
  }

  async function upload(block, element, file) {
    const { block_id, action_id } = { ...block, ...element };
    const sent = send.file({ ...place, block_id, action_id }, file);
    pending.current.add(sent);
    const answer = await sent;
    pending.current.delete(sent);
    return answer;
  }

  return {
    act,
    error,
    setError,
    entries,
    suggest,
    upload,
    problems: {},
    /** Wait for what is still on its way, before all of it is sent. */
    settled: async () => {
      while (pending.current.size) await Promise.all(pending.current);
    },
    setEntry(block, element, entry) {
      values.set(keyOf(block, element), entry);
      redraw((count) => count + 1);
    },
  };
}
