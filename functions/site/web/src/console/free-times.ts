// To which times a booking can be moved, as the slot engine judges a whole day of
// the host's in steps of five minutes. The zones' clocks are the server's: a time
// that is typed is one of its stamps, or none.

import { dateOf } from "../stamp";
import type { HostBooking, PageSettings, Preview } from "./api";
import { minutesOf } from "./pages/hours";

/** What stands in the way of a time: the host may still choose one at which a calendar says busy. */
export type Obstacle = "past" | "booked" | "busy";

export interface Choice {
  start: string;
  end: string;
  obstacle?: Obstacle;
}

type Judged = NonNullable<Preview["day"]>["slots"];

const always = [{ from: "00:00", to: "24:00" }];

/** Settings under which every step of every day is open, but for what stands in its way. */
export function everyStep(timezone: string, calendars: PageSettings["calendars"] | undefined): Partial<PageSettings> {
  return {
    slug: "every-step",
    timezone,
    durationMinutes: 5,
    slotIntervalMinutes: 5,
    bufferBeforeMinutes: 0,
    bufferAfterMinutes: 0,
    minNoticeMinutes: 0,
    horizonDays: 365,
    maxPerDay: 0,
    weekly: { mon: always, tue: always, wed: always, thu: always, fri: always, sat: always, sun: always },
    overrides: [],
    holidays: "",
    ...(calendars && { calendars }),
  };
}

/** The starts at which the day's clock shows that time: two where it is put back, none where it skips the time. */
export function choicesAt(day: Judged, clock: string, booking: Pick<HostBooking, "start" | "end">): Choice[] {
  const wanted = minutesOf(clock);
  return day.filter((s) => minutesOf(s.start.slice(11, 16)) === wanted).map((s) => choiceFrom(day, s.start, booking));
}

/** A meeting as long as the booking's from a start on. What the booking itself holds is in nobody's way. */
export function choiceFrom(day: Judged, start: string, booking: Pick<HostBooking, "start" | "end">): Choice {
  const from = Date.parse(start);
  const [ownFrom, ownTo] = [Date.parse(booking.start), Date.parse(booking.end)];
  const to = from + ownTo - ownFrom;
  const met = day.filter(({ start: s, open }) => {
    const at = Date.parse(s);
    return !open && at >= from && at < to && !(at >= ownFrom && at < ownTo);
  });
  const obstacle = (["past", "booked", "busy"] as const).find((o) => met.some((s) => s.reason === o));
  const end = day.find((s) => Date.parse(s.end) === to)?.end ?? shifted(start, to - from);
  return { start, end, ...(obstacle && { obstacle }) };
}

/** The stamp so many milliseconds later, at the same offset. */
function shifted(stamp: string, ms: number): string {
  const offset = stamp.slice(19);
  const east = offset === "Z" ? 0 : (offset.startsWith("-") ? -1 : 1) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6)));
  return new Date(Date.parse(stamp) + ms + east * 60_000).toISOString().slice(0, 19) + offset;
}

/** The starts that the page offers on that date of the host's, on the host's clock. */
export function offered(day: Judged, slots: Preview["slots"], date: string): string[] {
  const open = new Set(slots.map((s) => Date.parse(s.start)));
  return day.filter((s) => dateOf(s.start) === date && open.has(Date.parse(s.start))).map((s) => s.start);
}
