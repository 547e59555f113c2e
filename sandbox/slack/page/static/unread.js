/** Which messages each person has not looked at, remembered by the browser, and which name them. */

const keyOf = (user) => `sandbox-read-${user}`;
const EVERYBODY = /<!(?:here|channel|everyone)[|>]/;

function remembered(user) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(user))) ?? {};
  } catch {
    return {};
  }
}

function unread(messages, user, place) {
  const since = Number(remembered(user)[place] ?? 0);
  return messages.filter((message) => Number(message.ts) > since && message.user !== user);
}

export function unreadCount(messages, user, place) {
  return unread(messages, user, place).length;
}

/** All the mrkdwn there is: only there do names mean people. */
function mrkdwnOf(thing) {
  if (Array.isArray(thing)) return thing.flatMap(mrkdwnOf);
  if (typeof thing !== 'object' || thing === null) return [];
  return thing.type === 'mrkdwn' ? [thing.text] : Object.values(thing).flatMap(mrkdwnOf);
}

/** Whether a message, or a reply, names a person, a group they are in, or everybody. */
export function mentions(message, user, usergroups) {
  const words = message.blocks?.length ? mrkdwnOf(message.blocks).join('\n') : message.text ?? '';
  const groups = usergroups.filter(({ users }) => users.includes(user)).map(({ id }) => `!subteam^${id}`);
  return EVERYBODY.test(words)
    || [`@${user}`, ...groups].some((name) => words.includes(`<${name}>`) || words.includes(`<${name}|`));
}

export function mentionCount(messages, user, place, usergroups) {
  return unread(messages, user, place).filter((message) => mentions(message, user, usergroups)).length;
}

export function markRead(messages, user, place) {
  const newest = Math.max(0, ...messages.map((message) => Number(message.ts)));
  const read = remembered(user);
  if (newest <= Number(read[place] ?? 0)) return;
  localStorage.setItem(keyOf(user), JSON.stringify({ ...read, [place]: newest }));
}
