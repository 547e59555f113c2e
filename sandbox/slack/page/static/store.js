/** The seam to the sandbox server: one person's state, its changes, and what that person does. */
import { useEffect, useRef, useState } from './html.js';

const RECONNECT_AFTER_MS = 2000;
const NO_ANSWER = { ok: false, error: 'The sandbox did not answer. Is it still running?' };

export async function post(path, body) {
  try {
    const response = await fetch(`/client/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return await response.json();
  } catch {
    return NO_ANSWER;
  }
}

async function postFile(query, file) {
  try {
    const response = await fetch(`/client/files?${new URLSearchParams(query)}`, { method: 'POST', body: file });
    return await response.json();
  } catch {
    return NO_ANSWER;
  }
}

async function fetchState(user) {
  const response = await fetch(user ? `/client/state?user=${encodeURIComponent(user)}` : '/client/state');
  const state = response.ok ? await response.json() : {};
  if (state.workspace) return state;
  // A bookmarked person may be gone from the workspace; the page then offers the others.
  if (user) return fetchState('');
  throw new Error(`no state: ${response.status}`);
}

function watch(user, onState, onConnection) {
  let events = null;
  let retry;
  let reading = false;
  let stale = false;
  let stopped = false;

  async function refresh() {
    stale = true;
    if (reading) return;
    reading = true;
    while (stale && !stopped) {
      stale = false;
      try {
        const state = await fetchState(user);
        if (stopped) return;
        onState(state);
        onConnection(true);
        // Only somebody of the workspace is told of its changes.
        if (!events && state.messages) connect();
      } catch {
        if (!stopped) lost();
      }
    }
    reading = false;
  }

  function connect() {
    events = new EventSource(`/client/events?user=${encodeURIComponent(user)}`);
    events.onopen = refresh;
    events.onmessage = refresh;
    events.onerror = () => {
      // A browser reconnects by itself after a lost connection, but not after a refused one.
      if (events.readyState === EventSource.CLOSED) events = null;
      lost();
    };
  }

  function lost() {
    onConnection(false);
    clearTimeout(retry);
    retry = setTimeout(refresh, RECONNECT_AFTER_MS);
  }

  refresh();
  return {
    refresh,
    stop() {
      stopped = true;
      clearTimeout(retry);
      events?.close();
    },
  };
}

/** The workspace as `user` sees it, kept up to date, and `send` to act in that person's name. */
export function useWorkspace(user) {
  const [seen, setSeen] = useState({ user: null, state: null });
  const [online, setOnline] = useState(true);
  const watcher = useRef();

  useEffect(() => {
    watcher.current = watch(user, (state) => setSeen({ user, state }), setOnline);
    return () => watcher.current.stop();
  }, [user]);

  async function send(path, body) {
    const answer = await post(path, { user, ...body });
    watcher.current.refresh();
    return answer;
  }

  send.file = (query, file) => postFile({ user, ...query, name: file.name }, file);

  // Another person's state must not flash by while the new one is on its way.
  return { state: seen.user === user ? seen.state : null, online, send };
}
