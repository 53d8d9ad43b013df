// Dates as the console states them. Times of bookings are wall clocks with their
// offset (stamp.ts); instants of things that happened are shown in the host's zone.

import { dateOf, dayAndWeekday, timeOfDay, timeSpan } from "../stamp";

/** A day of things that happened: "Nov 23, 2026", 「2026年11月23日」. */
export const dayOf = (instant: string, timezone: string, locale: string) =>
  new Intl.DateTimeFormat(locale, { dateStyle: locale.startsWith("ja") ? "long" : "medium", timeZone: timezone }).format(new Date(instant));

/** A date as the API writes it: "2026-11-23". */
export const dateIn = (date: string, locale: string) => dayOf(`${date}T00:00:00Z`, "UTC", locale);

/** With the time of day: 「2026年11月23日 13:30」. */
export const momentOf = (instant: string, timezone: string, locale: string) =>
  new Intl.DateTimeFormat(locale, { dateStyle: locale.startsWith("ja") ? "long" : "medium", timeStyle: "short", timeZone: timezone }).format(new Date(instant));

/** A start as its stamp shows it: "Tuesday, December 1, 1:30 PM", 「12月1日火曜日 13:30」. */
export const startOn = (stamp: string, locale: string) => `${dayAndWeekday(dateOf(stamp), locale)}${locale.startsWith("ja") ? "" : ","} ${timeOfDay(stamp, locale)}`;

/** A slot likewise, up to its end. */
export const slotOn = (slot: { start: string; end: string }, locale: string) => `${dayAndWeekday(dateOf(slot.start), locale)}${locale.startsWith("ja") ? "" : ","} ${timeSpan(slot, locale)}`;

/** A slot on the clock of another zone: what its guest sees. */
export function spanIn({ start, end }: { start: string; end: string }, timezone: string, locale: string): string {
  const day = new Intl.DateTimeFormat(locale, { month: "long", day: "numeric", weekday: "short", timeZone: timezone });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone: timezone });
  const [from, to] = [new Date(start), new Date(end)];
  const last = day.format(from) === day.format(to) ? "" : `${day.format(to)} `;
  return `${day.format(from)} ${time.format(from)} – ${last}${time.format(to)}`;
}

/** Rows by the dates that their starts show, in the order in which they come. */
export function byDate<R extends { start: string }>(rows: readonly R[]): { date: string; rows: R[] }[] {
  const days: { date: string; rows: R[] }[] = [];
  for (const row of rows) {
    const date = dateOf(row.start);
    const last = days.at(-1);
    if (last?.date === date) last.rows.push(row);
    else days.push({ date, rows: [row] });
  }
  return days;
}
