/** Times and dates as the chosen person reads them: in their locale and their time zone. */

const FORMATS = {
  date: { dateStyle: 'long' },
  date_short: { dateStyle: 'medium' },
  date_long: { dateStyle: 'full' },
  date_slash: { dateStyle: 'short' },
  time: { timeStyle: 'short' },
  time_secs: { timeStyle: 'medium' },
};
const DAY_MS = 24 * 60 * 60 * 1000;
const AGES = [['year', 365 * DAY_MS], ['month', 30 * DAY_MS], ['day', DAY_MS], ['hour', DAY_MS / 24], ['minute', 60_000]];

function format(at, options, reader) {
  try {
    return new Intl.DateTimeFormat(reader.locale, { ...options, timeZone: reader.tz }).format(at);
  } catch {
    // A made-up locale or zone in a test's workspace must not take the page down.
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' }).format(at);
  }
}

function relative(amount, unit, reader) {
  try {
    return new Intl.RelativeTimeFormat(reader.locale, { numeric: 'auto' }).format(amount, unit);
  } catch {
    return new Intl.RelativeTimeFormat('en-US', { numeric: 'auto' }).format(amount, unit);
  }
}

/** The day as year-month-day, which also tells whether two moments share a day. */
export function dayOf(at, reader) {
  return format(at, { dateStyle: 'short' }, { locale: 'sv-SE', tz: validZone(reader.tz) });
}

function validZone(tz) {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: tz });
    return tz;
  } catch {
    return 'UTC';
  }
}

/** "today", "yesterday", "tomorrow", or nothing. */
function nearDay(at, reader) {
  const days = Math.round((Date.parse(dayOf(at, reader)) - Date.parse(dayOf(new Date(), reader))) / DAY_MS);
  return Math.abs(days) <= 1 ? relative(days, 'day', reader) : null;
}

function age(at, reader) {
  const past = at.getTime() - Date.now();
  const [unit, length] = AGES.find(([, ms]) => Math.abs(past) >= ms) ?? ['second', 1000];
  return relative(Math.round(past / length), unit, reader);
}

function token(name, at, reader) {
  if (name === 'date_num') return dayOf(at, reader);
  if (name === 'ago') return age(at, reader);
  if (name.endsWith('_pretty')) return nearDay(at, reader) ?? token(name.slice(0, -7), at, reader);
  return name in FORMATS ? format(at, FORMATS[name], reader) : `{${name}}`;
}

/** Fill in a template such as "{date_short_pretty} {time}". */
export function fillDate(template, at, reader) {
  return template.replace(/\{(\w+)\}/g, (_, name) => token(name, at, reader));
}

export function timeOfDay(at, reader) {
  return fillDate('{time}', at, reader);
}

/** The heading above a day's messages. */
export function dayHeading(at, reader) {
  const near = nearDay(at, reader);
  return near ? near[0].toLocaleUpperCase(reader.locale) + near.slice(1) : fillDate('{date_long}', at, reader);
}

export function fullMoment(at, reader) {
  return fillDate('{date_long} {time_secs}', at, reader);
}
