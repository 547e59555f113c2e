/** What Block Kit's elements hold, as the entries of Slack's `state.values`. */

const TEXT = ['plain_text_input', 'number_input', 'email_text_input', 'url_text_input'];

/** Which key of its entry each kind of element fills in; kinds without one hold nothing. */
const HOLDS = {
  ...Object.fromEntries(TEXT.map((type) => [type, 'value'])),
  static_select: 'selected_option',
  external_select: 'selected_option',
  radio_buttons: 'selected_option',
  overflow: 'selected_option',
  checkboxes: 'selected_options',
  multi_static_select: 'selected_options',
  users_select: 'selected_user',
  multi_users_select: 'selected_users',
  conversations_select: 'selected_conversation',
  channels_select: 'selected_channel',
  datepicker: 'selected_date',
  timepicker: 'selected_time',
  file_input: 'files',
};

const LISTS = new Set(['selected_options', 'selected_users', 'files']);

export function heldKey(type) {
  return HOLDS[type];
}

function initialValue(element, key) {
  if (key === 'value') return element.initial_value ?? null;
  if (LISTS.has(key)) return element[key.replace('selected', 'initial')] ?? [];
  return element[key.replace('selected', 'initial')] ?? null;
}

/** What is chosen of options, without those that are not on offer any more. */
export function stillOffered(element, entry) {
  const key = heldKey(element.type);
  if (key !== 'selected_options' && key !== 'selected_option') return entry;
  // What such a menu offers, only the app knows.
  if (element.type === 'external_select') return entry;
  const options = element.options ?? element.option_groups.flatMap((group) => group.options);
  const now = (chosen) => options.find(({ value }) => value === chosen?.value);
  const held = entry[key];
  return { ...entry, [key]: Array.isArray(held) ? held.map(now).filter(Boolean) : now(held) ?? null };
}

export function entryOf(element, value) {
  return { type: element.type, [heldKey(element.type)]: value };
}

export function initialEntry(element) {
  return entryOf(element, initialValue(element, heldKey(element.type)));
}

function elementsOf(block) {
  if (block.type === 'input') return [block.element];
  if (block.type === 'actions') return block.elements;
  if (block.type === 'section' && block.accessory) return [block.accessory];
  return [];
}

/** The elements whose values belong to a view's state: everything but buttons and menus. */
export function statefulElements(blocks) {
  return blocks.flatMap((block) =>
    elementsOf(block)
      .filter((element) => heldKey(element.type) && element.type !== 'overflow')
      .map((element) => ({ block, element })));
}

/** Slack's `state.values` of these blocks; `entries` tells what a person did to an element. */
export function stateValues(blocks, entries) {
  const values = {};
  for (const { block, element } of statefulElements(blocks)) {
    values[block.block_id] ??= {};
    values[block.block_id][element.action_id] = entries(block, element);
  }
  return values;
}
