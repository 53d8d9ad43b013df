import { useEffect, useState } from "preact/hooks";
import { Refusal, type Slots, type SlotsAsked } from "./api";
import { addDays, lastOf } from "./month";
import { type Dates, firstOpen, nothingRead, type Openings, unread, withAnswer } from "./openings";
import { today } from "./zones";

export interface Reading {
  openings: Openings;
  bounds: Dates; // of the dates that may have slots, in the guest's zone
  state: "ready" | "loading" | "failed";
  /** Reads the shown month again: all of it if what is known may be out of date. */
  again: (forget: boolean) => void;
  /** The first open date from a date on, read as far ahead as it takes; undefined if there is none. */
  search: (from: string) => Promise<string | undefined>;
}

/** Where open slots are read. */
export interface Source {
  slots: (asked: SlotsAsked, signal?: AbortSignal) => Promise<Slots>;
  first?: Dates & { slots: Slots }; // read already
  lastDate: string | undefined; // on which slots may start, in the page's zone; undefined until that is known
}

/** What was read already counts in the zone that it was read in. */
const atFirst = ({ first }: Source, timezone: string): Openings =>
  first?.slots.timezone === timezone ? withAnswer(nothingRead(timezone), first.slots, first.from, first.to) : nothingRead(timezone);

/** How many days one request may span. */
const longestSpan = 62;

/**
 * The open slots of a month in a time zone, read where they are not known yet.
 * zoneRefused is called if the server does not know the zone.
 */
export function useOpenings(source: Source, timezone: string, month: string, zoneRefused: () => void): Reading {
  const [known, setKnown] = useState(() => atFirst(source, timezone));
  const [failed, setFailed] = useState(false);
  const [round, setRound] = useState(0);
  const openings = known.timezone === timezone ? known : nothingRead(timezone);
  // East of the page's zone its last day may end a day later.
  const bounds = { from: today(timezone), to: source.lastDate ? addDays(source.lastDate, 1) : lastOf(month) };
  const gap = unread(openings, month, bounds);

  const read = async (dates: Dates, signal?: AbortSignal) => {
    const answer = await source.slots({ ...dates, timezone }, signal);
    setKnown((k) => withAnswer(k.timezone === timezone ? k : nothingRead(timezone), answer, dates.from, dates.to));
    return withAnswer(nothingRead(timezone), answer, dates.from, dates.to);
  };

  useEffect(() => {
    if (!gap) return;
    const leave = new AbortController();
    setFailed(false);
    read(gap, leave.signal).catch((error: unknown) => {
      if (leave.signal.aborted) return;
      if (error instanceof Refusal && error.fields.some((p) => p.field === "timezone")) zoneRefused();
      else setFailed(true);
    });
    return () => leave.abort();
  }, [timezone, month, round, gap?.from]);

  const search = async (after: string) => {
    for (let from = after < bounds.from ? bounds.from : after; from <= bounds.to; from = addDays(from, longestSpan)) {
      const to = addDays(from, longestSpan - 1);
      const found = firstOpen(await read({ from, to: to < bounds.to ? to : bounds.to }), from);
      if (found) return found;
    }
    return undefined;
  };
  const again = (forget: boolean) => {
    if (forget) setKnown(nothingRead(timezone));
    setRound((r) => r + 1);
  };
  return { openings, bounds, state: !gap ? "ready" : failed ? "failed" : "loading", again, search };
}
