/** The emoji short names an approvals bot is likely to use; others stay as they were typed. */
const EMOJI = {
  '+1': '👍', '-1': '👎', thumbsup: '👍', thumbsdown: '👎', ok_hand: '👌', wave: '👋', clap: '👏',
  pray: '🙏', raised_hands: '🙌', muscle: '💪', eyes: '👀', point_right: '👉', point_left: '👈',
  point_up: '☝️', point_down: '👇', raised_hand: '✋', hand: '✋', speech_balloon: '💬',
  white_check_mark: '✅', heavy_check_mark: '✔️', ballot_box_with_check: '☑️', x: '❌',
  negative_squared_cross_mark: '❎', no_entry: '⛔', no_entry_sign: '🚫', warning: '⚠️',
  exclamation: '❗', heavy_exclamation_mark: '❗', question: '❓', grey_question: '❔',
  information_source: 'ℹ️', rotating_light: '🚨', octagonal_sign: '🛑', bangbang: '‼️',
  hourglass: '⌛', hourglass_flowing_sand: '⏳', stopwatch: '⏱️', alarm_clock: '⏰',
  timer_clock: '⏲️', clock1: '🕐', clock3: '🕒', clock9: '🕘', clock12: '🕛', calendar: '📆',
  date: '📅', spiral_calendar_pad: '🗓️', receipt: '🧾', moneybag: '💰', money_with_wings: '💸',
  credit_card: '💳', dollar: '💵', euro: '💶', pound: '💷', yen: '💴', coin: '🪙', bank: '🏦',
  heavy_dollar_sign: '💲', chart_with_upwards_trend: '📈', chart_with_downwards_trend: '📉',
  bar_chart: '📊', bell: '🔔', no_bell: '🔕', mega: '📣', loudspeaker: '📢', inbox_tray: '📥',
  outbox_tray: '📤', incoming_envelope: '📨', envelope: '✉️', email: '📧', memo: '📝',
  pencil: '📝', pencil2: '✏️', page_facing_up: '📄', page_with_curl: '📃', clipboard: '📋',
  paperclip: '📎', file_folder: '📁', open_file_folder: '📂', bookmark: '🔖', pushpin: '📌',
  round_pushpin: '📍', link: '🔗', lock: '🔒', unlock: '🔓', key: '🔑', mag: '🔍', bulb: '💡',
  wrench: '🔧', gear: '⚙️', hammer_and_wrench: '🛠️', robot_face: '🤖', zap: '⚡', fire: '🔥',
  sparkles: '✨', star: '⭐', tada: '🎉', confetti_ball: '🎊', rocket: '🚀', trophy: '🏆',
  airplane: '✈️', hotel: '🏨', bed: '🛏️', taxi: '🚕', car: '🚗', bus: '🚌', train: '🚆',
  train2: '🚆', bike: '🚲', fuelpump: '⛽', fork_and_knife: '🍴', knife_fork_plate: '🍽️',
  hamburger: '🍔', pizza: '🍕', coffee: '☕', beer: '🍺', cake: '🍰', computer: '💻',
  desktop_computer: '🖥️', keyboard: '⌨️', phone: '☎️', iphone: '📱', books: '📚', package: '📦',
  gift: '🎁', briefcase: '💼', office: '🏢', house: '🏠', earth_africa: '🌍',
  arrows_counterclockwise: '🔄', repeat: '🔁', arrow_right: '➡️', arrow_left: '⬅️',
  arrow_up: '⬆️', arrow_down: '⬇️', leftwards_arrow_with_hook: '↩️', heavy_plus_sign: '➕',
  heavy_minus_sign: '➖', red_circle: '🔴', large_blue_circle: '🔵', large_green_circle: '🟢',
  large_yellow_circle: '🟡', white_circle: '⚪', black_circle: '⚫', small_blue_diamond: '🔹',
  smile: '😄', slightly_smiling_face: '🙂', grinning: '😀', wink: '😉', blush: '😊',
  thinking_face: '🤔', cry: '😢', disappointed: '😞', sweat_smile: '😅', heart: '❤️',
  bust_in_silhouette: '👤', busts_in_silhouette: '👥', one: '1️⃣', two: '2️⃣', three: '3️⃣',
};

const SHORT_NAME = /:([a-z0-9_+-]+):(?::skin-tone-[2-6]:)?/g;

export function emojiFor(name) {
  return Object.hasOwn(EMOJI, name) ? EMOJI[name] : null;
}

export function withEmoji(text) {
  return text.replace(SHORT_NAME, (typed, name) => emojiFor(name) ?? typed);
}
