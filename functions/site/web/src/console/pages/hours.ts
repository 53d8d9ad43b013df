// Windows of a day: wall-clock spans in fives of minutes, "09:00" to "24:00",
// sorted, none over another.

import type { Weekday, Window } from "../api";

/** Minutes since midnight, from `from` up to `to`. */
export interface Span {
  from: number;
  to: number;
}

export const dayEnd = 24 * 60;
export const step = 5;

const clock = /^([01]\d|2[0-4]):([0-5]\d)$/;

export function minutesOf(text: string): number | undefined {
  const m = clock.exec(text);
  if (!m) return undefined;
  const minutes = Number(m[1]) * 60 + Number(m[2]);
  return minutes <= dayEnd ? minutes : undefined;
}

export function clockOf(minutes: number): string {
  const pad = (n: number) => String(n).padStart(2, "0");
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/** A time as people type it, in the one form: "9" → "09:00", "930" → "09:30", "９：３０" → "09:30". */
export function tidyClock(typed: string): string {
  const plain = typed
    .trim()
    .replace(/[０-９]/g, (d) => String.fromCharCode(d.charCodeAt(0) - 0xfee0))
    .replace(/[：時.]/g, ":")
    .replace(/分$/, "");
  const parted = /^(\d{1,2}):(\d{0,2})$/.exec(plain);
  const run = /^(\d{1,2}?)(\d{2})?$/.exec(plain);
  const [hour, minute] = parted ? [parted[1], parted[2]] : plain.length <= 2 ? [plain, ""] : [run?.[1], run?.[2]];
  if (!hour || !/^\d+$/.test(hour) || (minute && !/^\d+$/.test(minute))) return typed.trim();
  const text = `${hour.padStart(2, "0")}:${(minute ?? "").padEnd(2, "0")}`;
  return minutesOf(text) === undefined ? typed.trim() : text;
}

/** Those of the windows that can be read. */
export function spansOf(windows: readonly Window[]): Span[] {
  const spans: Span[] = [];
  for (const w of windows) {
    const from = minutesOf(w.from);
    const to = minutesOf(w.to);
    if (from !== undefined && to !== undefined && from < to) spans.push({ from, to });
  }
  return spans;
}

/** Spans that touch become one, in order. */
function joined(spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const s of [...spans].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last && s.from <= last.to) last.to = Math.max(last.to, s.to);
    else all.push({ ...s });
  }
  return all;
}

const windowsOf = (spans: readonly Span[]): Window[] => spans.map((s) => ({ from: clockOf(s.from), to: clockOf(s.to) }));

/** The windows with the span painted in or out. */
export function painted(windows: readonly Window[], span: Span, open: boolean): Window[] {
  const spans = spansOf(windows);
  if (open) return windowsOf(joined([...spans, span]));
  return windowsOf(
    joined(spans).flatMap((s) =>
      [
        { from: s.from, to: Math.min(s.to, span.from) },
        { from: Math.max(s.from, span.to), to: s.to },
      ].filter((part) => part.from < part.to),
    ),
  );
}

/** Whether the whole span is open. */
export const covers = (windows: readonly Window[], span: Span) => joined(spansOf(windows)).some((s) => s.from <= span.from && span.to <= s.to);

/** The next window that a host would add to the day. */
export function nextWindow(windows: readonly Window[]): Window {
  const last = joined(spansOf(windows)).at(-1);
  if (!last) return { from: "09:00", to: "17:00" };
  const from = Math.min(last.to + 60, dayEnd - 60);
  return { from: clockOf(from), to: clockOf(Math.min(from + 180, dayEnd)) };
}

export type WindowFault = "malformed" | "notInFives" | "endsFirst" | "overlaps";

/** What is wrong with each end of each window, as the server would say: "1.to" → fault. */
export function faultsOf(windows: readonly Window[]): Record<string, WindowFault> {
  const faults: Record<string, WindowFault> = {};
  let free = 0;
  windows.forEach((w, i) => {
    const ends = { from: minutesOf(w.from), to: minutesOf(w.to) };
    for (const end of ["from", "to"] as const) {
      const at = ends[end];
      if (at === undefined) faults[`${i}.${end}`] = "malformed";
      else if (at % step !== 0) faults[`${i}.${end}`] = "notInFives";
    }
    if (ends.from === undefined || ends.to === undefined) return;
    if (ends.to <= ends.from) faults[`${i}.to`] ??= "endsFirst";
    if (ends.from < free) faults[`${i}.from`] ??= "overlaps";
    free = Math.max(free, ends.to);
  });
  return faults;
}

/** A week in which the days have one day's windows. */
export function copied(weekly: Record<Weekday, Window[]>, from: Weekday, to: readonly Weekday[]): Record<Weekday, Window[]> {
  const next = { ...weekly };
  for (const day of to) next[day] = weekly[from].map((w) => ({ ...w }));
  return next;
}
