// Times as the API states them: RFC 3339 with offset. What is shown is the wall
// clock that stands in the string; the browser's own time zone data has no say.

interface Clock {
  date: string; // 2026-12-01
  minutes: number; // since midnight
  offset: number; // minutes east of UTC
  wall: Date; // the wall clock as if it were UTC, for Intl with timeZone UTC
}

const form = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|([+-])(\d\d):(\d\d))$/;

function read(stamp: string): Clock {
  const m = form.exec(stamp);
  if (!m) throw new RangeError(`not a time with offset: ${stamp}`);
  const [year, month, day, hour, minute] = m.slice(1, 6).map(Number) as [number, number, number, number, number];
  const offset = m[6] ? (m[6] === "-" ? -1 : 1) * (Number(m[7]) * 60 + Number(m[8])) : 0;
  return {
    date: stamp.slice(0, 10),
    minutes: hour * 60 + minute,
    offset,
    wall: new Date(Date.UTC(year, month - 1, day, hour, minute)),
  };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, style: Intl.DateTimeFormatOptions, wall: Date): string {
  const key = locale + JSON.stringify(style);
  let f = formats.get(key);
  if (!f) {
    f = new Intl.DateTimeFormat(locale, { ...style, timeZone: "UTC", calendar: "gregory", numberingSystem: "latn" });
    formats.set(key, f);
  }
  return f.format(wall);
}

/** The date that the stamp's wall clock shows, such as "2026-12-01". */
export const dateOf = (stamp: string) => read(stamp).date;

/** Whether two stamps are the same instant, whatever their offsets. */
export const sameInstant = (a: string, b: string) => Date.parse(a) === Date.parse(b);

/** A date in full: "Tuesday, December 1, 2026", 「2026年12月1日火曜日」. */
export const fullDate = (date: string, locale: string) =>
  format(locale, { year: "numeric", month: "long", day: "numeric", weekday: "long" }, read(`${date}T00:00Z`).wall);

/** A date within the year: "Tuesday, December 1", 「12月1日火曜日」. */
export const dayAndWeekday = (date: string, locale: string) =>
  format(locale, { month: "long", day: "numeric", weekday: "long" }, read(`${date}T00:00Z`).wall);

/** A month, given as "2026-12": "December 2026", 「2026年12月」. */
export const monthAndYear = (month: string, locale: string) =>
  format(locale, { year: "numeric", month: "long" }, read(`${month}-01T00:00Z`).wall);

/** A date and time within the year: "Tuesday, December 1 1:30 PM", 「12月1日火曜日 13:30」. */
export const moment = (stamp: string, locale: string) => `${dayAndWeekday(dateOf(stamp), locale)} ${timeOfDay(stamp, locale)}`;

/** Whether a text is a time with offset. */
export const isStamp = (text: string) => form.test(text);

/** A weekday by its number, 0 for Sunday. */
export const weekdayName = (weekday: number, locale: string, width: "short" | "long") =>
  format(locale, { weekday: width }, new Date(Date.UTC(2023, 0, 1 + weekday))); // 2023-01-01 was a Sunday

/** A time of day as the locale writes it: "1:30 PM", 「13:30」. */
export const timeOfDay = (stamp: string, locale: string) => format(locale, { hour: "numeric", minute: "2-digit" }, read(stamp).wall);

/** From start to end; the end's date is named where it is another. */
export function timeSpan({ start, end }: { start: string; end: string }, locale: string): string {
  const last = timeOfDay(end, locale);
  const to = dateOf(start) === dateOf(end) ? last : `${dayAndWeekday(dateOf(end), locale)} ${last}`;
  return `${timeOfDay(start, locale)} – ${to}`;
}

/** The stamp's offset: "GMT+9", "GMT−3:30", "GMT". */
export const offsetOf = (stamp: string) => offsetLabel(read(stamp).offset);

/** A span's offset, or, where clocks are put in it, both: "GMT+11 → GMT+10:30". */
export function offsetsOf({ start, end }: { start: string; end: string }): string {
  const [from, to] = [offsetOf(start), offsetOf(end)];
  return from === to ? from : `${from} → ${to}`;
}

export function offsetLabel(minutes: number): string {
  if (minutes === 0) return "GMT";
  const m = Math.abs(minutes);
  const rest = m % 60 ? `:${String(m % 60).padStart(2, "0")}` : "";
  return `GMT${minutes < 0 ? "−" : "+"}${Math.floor(m / 60)}${rest}`;
}

/** Starts whose wall-clock time the day shows twice, as when clocks go back. */
export function shownTwice(starts: string[]): Set<string> {
  const byTime = new Map<number, string[]>();
  for (const s of starts) {
    const { minutes } = read(s);
    byTime.set(minutes, [...(byTime.get(minutes) ?? []), s]);
  }
  return new Set([...byTime.values()].filter((same) => same.length > 1).flat());
}
