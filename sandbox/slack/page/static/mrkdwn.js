/** Slack's mrkdwn, turned into elements; whatever is not markup stays text. */
import { fillDate, fullMoment } from './dates.js';
import { emojiFor, withEmoji } from './emoji.js';
import { html } from './html.js';

// Opening marks follow a non-word character and closing marks precede one, so 2*3*4 and
// snake_case_names stay as they are. A mark may span a <…> sequence, but never a line.
const marked = (mark) =>
  String.raw`(?<![\w${mark}])${mark}(?!\s)((?:<[^<>\n]*>|[^${mark}<\n])+?)(?<!\s)${mark}(?![\w${mark}])`;
const ALWAYS = [
  String.raw`<([^<>\n]+)>`,
  '`([^`\\n]+)`',
  marked(String.raw`\*`),
  marked('_'),
  marked('~'),
  String.raw`:([a-z0-9_+-]+):(?::skin-tone-[2-6]:)?`,
].join('|');
// What Slack itself brings to life unless a text says verbatim.
const PLAIN_SENTENCES = [
  String.raw`(https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)'"])`,
  String.raw`(?<![\w@&])@(channel|everyone|here)\b`,
  String.raw`(?<![\w#&])#([a-z0-9_-]+)`,
].join('|');
const VERBATIM = new RegExp(ALWAYS, 'g');
const LIVELY = new RegExp(`${ALWAYS}|${PLAIN_SENTENCES}`, 'g');
const SAFE_LINK = /^(https?:|mailto:|tel:)/i;

function unescape(text) {
  return text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: '&', lt: '<', gt: '>' })[name]);
}

export function isSafeLink(url) {
  return SAFE_LINK.test(url ?? '');
}

export function link(url, label) {
  if (!isSafeLink(url)) return label;
  return html`<a href=${url} target="_blank" rel="noopener noreferrer">${label}</a>`;
}

export function mention(label, isYou = false) {
  return html`<span class="mention ${isYou ? 'you' : ''}">${label}</span>`;
}

export function userMention(id, reader, label) {
  return mention(`@${reader.users.get(id)?.real_name ?? label ?? id}`, id === reader.me);
}

export function groupMention(id, reader, label) {
  const group = reader.usergroups.get(id);
  return mention(`@${group?.handle ?? label?.replace(/^@/, '') ?? id}`, group?.users.includes(reader.me));
}

export function channelMention(id, reader, label) {
  return mention(`#${reader.channels.get(id)?.name ?? label ?? id}`);
}

export function moment(unix, template, reader, url) {
  const at = new Date(Number(unix) * 1000);
  const words = fillDate(template, at, reader);
  return html`<time datetime=${at.toISOString()} title=${fullMoment(at, reader)}>${url ? link(url, words) : words}</time>`;
}

// Slack knows who follows a link to one of its files, and not everybody sees the file.
function asReader(url, { me }) {
  return /^https?:\/\/[^/]+\/files\/[UW]\w+\/F\w+\//.test(url) ? `${url}?as=${me}` : url;
}

function sequence(inside, reader) {
  const bar = inside.indexOf('|');
  const target = unescape(bar < 0 ? inside : inside.slice(0, bar));
  const label = bar < 0 ? undefined : unescape(inside.slice(bar + 1));
  if (target.startsWith('@')) return userMention(target.slice(1), reader, label);
  if (target.startsWith('#')) return channelMention(target.slice(1), reader, label);
  if (target.startsWith('!subteam^')) return groupMention(target.split('^')[1], reader, label);
  if (target.startsWith('!date^')) {
    const [, unix, template, url] = target.split('^');
    return /^\d{1,12}$/.test(unix) && template ? moment(unix, template, reader, url) : label ?? '';
  }
  if (target.startsWith('!')) return mention(`@${label ?? target.slice(1)}`);
  if (label === undefined && !isSafeLink(target)) return `<${target}>`;
  return link(asReader(target, reader), label === undefined ? target.replace(/^mailto:|^tel:/, '') : withEmoji(label));
}

function channelByName(name, reader) {
  const known = [...reader.channels.values()].some((channel) => channel.name === name);
  return known ? mention(`#${name}`) : `#${name}`;
}

function inline(text, reader, verbatim) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(verbatim ? VERBATIM : LIVELY)) {
    const [typed, special, code, bold, italic, strike, emoji, url, everyone, channel] = match;
    parts.push(unescape(text.slice(end, match.index)));
    end = match.index + typed.length;
    if (special) parts.push(sequence(special, reader));
    else if (code) parts.push(html`<code>${unescape(code.replace(/<[^|>]*\|([^>]*)>/g, '$1'))}</code>`);
    else if (bold) parts.push(html`<strong>${inline(bold, reader, verbatim)}</strong>`);
    else if (italic) parts.push(html`<em>${inline(italic, reader, verbatim)}</em>`);
    else if (strike) parts.push(html`<s>${inline(strike, reader, verbatim)}</s>`);
    else if (emoji) parts.push(emojiFor(emoji) ?? typed);
    else if (url) parts.push(link(unescape(url), unescape(url)));
    else if (everyone) parts.push(mention(`@${everyone}`));
    else if (channel) parts.push(channelByName(channel, reader));
  }
  parts.push(unescape(text.slice(end)));
  return parts;
}

function paragraphs(text, reader, verbatim) {
  const parts = [];
  for (const line of text.split('\n')) {
    const quoted = /^(?:&gt;|>) ?/.exec(line);
    const kind = quoted ? 'quote' : 'plain';
    const words = inline(quoted ? line.slice(quoted[0].length) : line, reader, verbatim);
    const last = parts.at(-1);
    if (last?.kind === kind) last.words.push('\n', ...words);
    else parts.push({ kind, words });
  }
  return parts.map(({ kind, words }) => (kind === 'quote' ? html`<blockquote>${words}</blockquote>` : words));
}

/** Elements for a mrkdwn string, as `reader` (locale, tz, users, usergroups, channels) sees it. */
export function mrkdwn(text, reader, { verbatim = false } = {}) {
  return text
    .split(/```\n?([\s\S]+?)\n?```/)
    .map((part, index) =>
      index % 2 ? html`<pre>${unescape(part)}</pre>` : part && paragraphs(part, reader, verbatim));
}

/** A Block Kit text object. */
export function textObject(text, reader) {
  if (!text) return null;
  if (typeof text === 'string') return text;
  if (text.type === 'mrkdwn') return mrkdwn(text.text, reader, text);
  return text.emoji === false ? text.text : withEmoji(text.text);
}

/** A plain_text object's words, for attributes and labels. */
export function plainWords(text) {
  if (!text) return '';
  return text.emoji === false ? text.text : withEmoji(text.text ?? '');
}
