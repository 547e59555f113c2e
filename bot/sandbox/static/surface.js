/** The ground blocks stand on: it keeps their values and carries their clicks to the server. */
import { initialEntry, stateValues } from './entries.js';
import { useRef, useState } from './html.js';

const keyOf = (block, element) => `${block.block_id}/${element.action_id}`;

/**
 * `place` says in the server's words where `blocks` are: {channel, message_ts}, {view_id} or
 * {home: true}. `kept` holds values that must outlive the component, as a covered form's do.
 */
export function useSurface(send, place, blocks, kept) {
  const own = useRef(new Map());
  const values = kept ?? own.current;
  const [, redraw] = useState(0);
  const [error, setError] = useState(null);

  function entries(block, element) {
    return values.get(keyOf(block, element)) ?? initialEntry(element);
  }

  async function act(block, element, payload) {
    setError(null);
    const { type, ...chosen } = payload;
    const answer = await send('action', {
      ...place,
      // An app that answers a click in a form is told the whole form.
      ...(place.view_id && { values: stateValues(blocks, entries) }),
      block_id: block.block_id,
      action_id: element.action_id,
      ...chosen,
    });
    if (!answer.ok) setError(answer.error);
  }

  return {
    act,
    error,
    setError,
    entries,
    problems: {},
    setEntry(block, element, entry) {
      values.set(keyOf(block, element), entry);
      redraw((count) => count + 1);
    },
  };
}
