// The open slots read so far, of one page in one time zone: what is known of
// which dates.

import type { Slot, Slots } from "./api";
import { addDays, firstOf, lastOf } from "./month";
import { dateOf } from "./stamp";

export interface Openings {
  timezone: string;
  days: ReadonlyMap<string, readonly Slot[]>; // by date; none for a date without slots
  read: ReadonlySet<string>; // dates that are known
}

export const nothingRead = (timezone: string): Openings => ({ timezone, days: new Map(), read: new Set() });

/** Openings with an answer of the slots API for the dates from and to, both included. */
export function withAnswer(known: Openings, answer: Slots, from: string, to: string): Openings {
  const days = new Map(known.days);
  const read = new Set(known.read);
  for (let d = from; d <= to; d = addDays(d, 1)) {
    days.delete(d);
    read.add(d);
  }
  for (const slot of answer.slots) {
    const date = dateOf(slot.start);
    days.set(date, [...(days.get(date) ?? []), slot]);
  }
  return { timezone: known.timezone, days, read };
}

export interface Dates {
  from: string; // both included
  to: string;
}

/** The dates of a month that are still to be read, from today to the last; undefined if none are. */
export function unread(known: Openings, month: string, { from: today, to: last }: Dates): Dates | undefined {
  const to = lastOf(month) > last ? last : lastOf(month);
  const from = firstOf(month) < today ? today : firstOf(month);
  for (let d = from; d <= to; d = addDays(d, 1)) {
    if (!known.read.has(d)) return { from, to };
  }
  return undefined;
}

/** The first open date from a date on, among those read. */
export function firstOpen(known: Openings, from: string): string | undefined {
  let first: string | undefined;
  for (const date of known.days.keys()) {
    if (date >= from && (first === undefined || date < first)) first = date;
  }
  return first;
}

/** The open slots nearest to a start, sorted. */
export function nearest(known: Openings, start: string, count: number): Slot[] {
  const distance = (s: Slot) => Math.abs(Date.parse(s.start) - Date.parse(start));
  return [...known.days.values()]
    .flat()
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, count)
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
}
