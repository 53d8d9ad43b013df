import { describe, expect, it } from "vitest";
import type { Difference } from "./api";
import { waysOf } from "./differences";
import { choiceFrom, choicesAt, offered } from "./free-times";

/** A day's steps of five minutes from a stamp on, by what stands in the way of each. */
function stepsFrom(stamp: string, reasons: (string | undefined)[]) {
  const offset = stamp.slice(19);
  const east = (offset.startsWith("-") ? -1 : 1) * Number(offset.slice(1, 3)) * 3_600_000;
  const at = (n: number) => new Date(Date.parse(stamp) + n * 300_000 + east).toISOString().slice(0, 19) + offset;
  return reasons.map((reason, n) => ({ start: at(n), end: at(n + 1), open: reason === undefined, ...(reason && { reason }) }));
}

const free = (n: number) => Array.from({ length: n }, () => undefined);

describe("a time for a booking", () => {
  const booking = { start: "2026-12-01T10:00:00+09:00", end: "2026-12-01T10:15:00+09:00" };
  const day = stepsFrom("2026-12-01T09:30:00+09:00", [
    ...["past", undefined, undefined], // 9:30
    ...["busy", undefined, undefined], // 9:45
    ...["booked", "booked", "busy"], // 10:00, the booking's own and its event
    ...["booked", "busy", undefined], // 10:15
    ...free(3),
  ]);

  it.each([
    ["09:30", "past"],
    ["09:35", "busy"],
    ["09:50", undefined], // up to its own
    ["10:00", undefined],
    ["10:05", "booked"],
    ["10:20", "busy"],
    ["10:30", undefined],
  ])("at %s meets what is %s", (clock, obstacle) => expect(choicesAt(day, clock, booking).map((c) => c.obstacle)).toEqual([obstacle]));

  it("is as long as the booking", () => {
    expect(choicesAt(day, "09:50", booking)).toEqual([{ start: "2026-12-01T09:50:00+09:00", end: "2026-12-01T10:05:00+09:00" }]);
  });

  it.each(["11:00", "10:01", "soon"])("is none at %s, which is no step of the day", (clock) => expect(choicesAt(day, clock, booking)).toEqual([]));

  it("ends on the next day after midnight", () => {
    const late = stepsFrom("2026-12-01T23:50:00+09:00", free(2));
    expect(choiceFrom(late, "2026-12-01T23:55:00+09:00", booking).end).toBe("2026-12-02T00:10:00+09:00");
  });

  it("is there twice where the clock is put back, and not at all where it skips", () => {
    const back = [...stepsFrom("2026-11-01T01:30:00-04:00", free(6)), ...stepsFrom("2026-11-01T01:00:00-05:00", free(12))];
    expect(choicesAt(back, "01:30", booking).map((c) => c.start)).toEqual(["2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"]);
    expect(choicesAt(back, "01:50", booking)[0]?.end).toBe("2026-11-01T01:05:00-05:00");
    expect(choicesAt(back, "02:30", booking)).toEqual([]);
  });
});

describe("what the page offers on a day of the host's", () => {
  it("is told on the host's clock, wherever the page is", () => {
    const day = stepsFrom("2026-12-01T09:00:00+09:00", free(6));
    const slots = ["2026-12-01T00:10:00Z", "2026-12-01T00:20:00Z", "2026-12-01T05:00:00Z"].map((start) => ({ start, end: start }));
    expect(offered(day, slots, "2026-12-01")).toEqual(["2026-12-01T09:10:00+09:00", "2026-12-01T09:20:00+09:00"]);
  });
});

describe("what can be done about a difference", () => {
  const start = "2026-12-01T10:00:00+09:00";
  const now = Date.parse("2026-11-30T00:00:00Z");
  const gone = (what: Difference["what"]): Difference => ({ what, gone: true, foundAt: start });
  const at = (what: Difference["what"], from: string): Difference => ({ what, gone: false, start: from, end: from, foundAt: start });
  const elsewhere = "2026-12-03T14:00:00+09:00";
  const later = "2026-12-04T14:00:00+09:00";

  it.each<[string, Difference[], string[], string | undefined]>([
    ["nothing differs", [], [], undefined],
    ["the meeting is gone", [gone("meeting")], [], "newUrl"],
    ["the event is gone", [gone("event")], [], "register"],
    ["both are gone", [gone("meeting"), gone("event")], [], "newUrl"],
    ["the meeting was moved", [at("meeting", elsewhere)], [elsewhere], "putBack"],
    ["both were moved to one time", [at("meeting", elsewhere), at("event", "2026-12-03T05:00:00Z")], [elsewhere], "putBack"],
    ["each was moved to another", [at("meeting", elsewhere), at("event", later)], [elsewhere, later], "putBack"],
    ["one gone, one moved", [gone("meeting"), at("event", elsewhere)], [elsewhere], "newUrl"],
    ["one moved, one gone", [at("meeting", elsewhere), gone("event")], [elsewhere], "putBack"],
    ["only the length was changed", [at("event", start)], [], "putBack"],
    ["moved to what is over", [at("event", "2026-11-29T14:00:00+09:00")], [], "putBack"],
  ])("%s", (_, differences, follow, restore) => {
    const ways = waysOf({ start, differences, canReschedule: true }, now);
    expect([ways.follow.map((f) => f.start), ways.restore]).toEqual([follow, restore]);
  });

  it("is nothing once the booking cannot be moved any more", () => {
    expect(waysOf({ start, differences: [at("meeting", elsewhere)], canReschedule: false }, now)).toEqual({ follow: [], restore: undefined });
  });
});
