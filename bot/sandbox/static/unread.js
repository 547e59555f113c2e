/** Which messages each person has not looked at, remembered by the browser. */

const keyOf = (user) => `sandbox-read-${user}`;

function remembered(user) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(user))) ?? {};
  } catch {
    return {};
  }
}

export function unreadCount(messages, user, place) {
  const since = Number(remembered(user)[place] ?? 0);
  return messages.filter((message) => Number(message.ts) > since && message.user !== user).length;
}

export function markRead(messages, user, place) {
  const newest = Math.max(0, ...messages.map((message) => Number(message.ts)));
  const read = remembered(user);
  if (newest <= Number(read[place] ?? 0)) return;
  localStorage.setItem(keyOf(user), JSON.stringify({ ...read, [place]: newest }));
}
