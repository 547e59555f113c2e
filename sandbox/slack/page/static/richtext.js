/** Block Kit's rich_text, as far as an app sends it. */
import { emojiFor } from './emoji.js';
import { html, useContext } from './html.js';
import { Reader } from './contexts.js';
import { channelMention, groupMention, link, mention, moment, userMention } from './mrkdwn.js';

const STYLES = { bold: 'strong', italic: 'em', strike: 's', code: 'code', underline: 'u' };

function words(element, reader) {
  switch (element.type) {
    case 'text': return element.text;
    case 'link': return link(element.url, element.text ?? element.url);
    case 'user': return userMention(element.user_id, reader);
    case 'usergroup': return groupMention(element.usergroup_id, reader);
    case 'channel': return channelMention(element.channel_id, reader);
    case 'broadcast': return mention(`@${element.range}`);
    case 'emoji': return emojiFor(element.name) ?? `:${element.name}:`;
    case 'date': return moment(element.timestamp, element.format, reader, element.url);
    default: return html`<span class="unknown">${element.type}</span>`;
  }
}

function styled(element, reader) {
  return Object.entries(STYLES)
    .filter(([style]) => element.style?.[style])
    .reduce((inner, [, tag]) => html`<${tag}>${inner}</${tag}>`, words(element, reader));
}

function Part({ part }) {
  const reader = useContext(Reader);
  const line = () => part.elements.map((element) => styled(element, reader));
  switch (part.type) {
    case 'rich_text_section': return html`<div class="text">${line()}</div>`;
    case 'rich_text_preformatted': return html`<pre>${line()}</pre>`;
    case 'rich_text_quote': return html`<blockquote>${line()}</blockquote>`;
    case 'rich_text_list': {
      const tag = part.style === 'ordered' ? 'ol' : 'ul';
      return html`<${tag} style=${{ marginInlineStart: `${part.indent ?? 0}em` }}>
        ${part.elements.map((item) => html`<li><${Part} part=${item} /></li>`)}
      </${tag}>`;
    }
    default: return html`<span class="unknown">${part.type} cannot be shown in the sandbox</span>`;
  }
}

export function RichText({ block }) {
  return html`<div class="rich-text">${block.elements.map((part) => html`<${Part} part=${part} />`)}</div>`;
}
