/** Block Kit's blocks; where they stand and what a click does is the Surface's business. */
import { Reader, Surface } from './contexts.js';
import { Element, Field } from './elements.js';
import { isField, isGroup } from './fields.js';
import { html, useContext, useId } from './html.js';
import { plainWords, textObject } from './mrkdwn.js';
import { pictureOf } from './pictures.js';
import { RichText } from './richtext.js';

function Section({ block }) {
  const reader = useContext(Reader);
  return html`<div class="section">
    <div class="section-text">
      ${block.text && html`<div class="text">${textObject(block.text, reader)}</div>`}
      ${block.fields && html`<div class="fields">
        ${block.fields.map((field) => html`<div class="text">${textObject(field, reader)}</div>`)}
      </div>`}
    </div>
    ${block.accessory && html`<${Element} block=${block} element=${block.accessory} key=${block.accessory.action_id} />`}
  </div>`;
}

function Header({ block }) {
  return html`<h3 class="block-header">${plainWords(block.text)}</h3>`;
}

function Divider() {
  return html`<hr />`;
}

function Context({ block }) {
  const reader = useContext(Reader);
  return html`<div class="context">
    ${block.elements.map((element) =>
      element.type === 'image'
        ? html`<img src=${pictureOf(element)} alt=${element.alt_text} />`
        : html`<span class="text">${textObject(element, reader)}</span>`)}
  </div>`;
}

function Actions({ block }) {
  return html`<div class="actions">
    ${block.elements.map((element) => html`<${Element} key=${element.action_id} ...${{ block, element }} />`)}
  </div>`;
}

function Image({ block }) {
  return html`<figure>
    ${block.title && html`<figcaption>${plainWords(block.title)}</figcaption>`}
    <img src=${pictureOf(block)} alt=${block.alt_text} referrerpolicy="no-referrer" loading="lazy" />
  </figure>`;
}

function Input({ block }) {
  const { problems } = useContext(Surface);
  const id = useId();
  const { element } = block;
  const problem = problems[block.block_id];
  const described = [block.hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ');
  if (!isField(element)) return html`<${Unknown} block=${element} />`;
  const label = html`${plainWords(block.label)}${block.optional && html`<span class="optional"> (optional)</span>`}`;
  const field = {
    id,
    'aria-describedby': described || null,
    'aria-invalid': problem ? 'true' : null,
    'aria-required': block.optional || isGroup(element) ? null : 'true',
    ...(isGroup(element) && { 'aria-labelledby': `${id}-label` }),
  };
  return html`<div class="input ${problem ? 'wrong' : ''}">
    ${isGroup(element)
      ? html`<span class="label" id="${id}-label">${label}</span>`
      : html`<label class="label" for=${id}>${label}</label>`}
    <${Field} ...${{ block, element, field }} />
    ${block.hint && html`<p class="hint" id="${id}-hint">${plainWords(block.hint)}</p>`}
    ${problem && html`<p class="problem" id="${id}-problem">${problem}</p>`}
  </div>`;
}

function Unknown({ block }) {
  return html`<p class="unknown">A “${block.type}” block, which the sandbox cannot show</p>`;
}

const BLOCKS = {
  section: Section,
  header: Header,
  divider: Divider,
  context: Context,
  actions: Actions,
  image: Image,
  input: Input,
  rich_text: RichText,
};

export function Blocks({ blocks }) {
  return html`<div class="blocks">
    ${blocks.map((block, index) =>
      html`<${BLOCKS[block.type] ?? Unknown} key=${block.block_id ?? index} block=${block} />`)}
  </div>`;
}
