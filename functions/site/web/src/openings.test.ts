import { expect, test } from "vitest";
import { firstOpen, nearest, nothingRead, unread, withAnswer } from "./openings";

const zone = "Pacific/Auckland";
const slot = (start: string) => ({ start, end: start });
const answer = (...starts: string[]) => ({ timezone: zone, durationMinutes: 30, slots: starts.map(slot) });

test("slots stand under the date that their own zone shows", () => {
  const known = withAnswer(nothingRead(zone), answer("2026-12-01T23:30:00+13:00", "2026-12-02T00:00:00+13:00"), "2026-12-01", "2026-12-31");
  expect([...known.days.keys()]).toEqual(["2026-12-01", "2026-12-02"]);
});

test("a month is read once, from today to the last day", () => {
  const none = nothingRead(zone);
  const bounds = { from: "2026-12-10", to: "2027-01-20" };
  expect(unread(none, "2026-12", bounds)).toEqual({ from: "2026-12-10", to: "2026-12-31" });
  const some = withAnswer(none, answer(), "2026-12-10", "2027-01-09");
  expect(unread(some, "2026-12", bounds)).toBeUndefined();
  expect(unread(some, "2027-01", bounds)).toEqual({ from: "2027-01-01", to: "2027-01-20" });
  expect(unread(some, "2026-11", bounds)).toBeUndefined();
  expect(unread(some, "2027-02", bounds)).toBeUndefined();
});

test("a second answer replaces what the first said of its dates", () => {
  const first = withAnswer(nothingRead(zone), answer("2026-12-01T09:00:00+13:00", "2026-12-02T09:00:00+13:00"), "2026-12-01", "2026-12-31");
  const second = withAnswer(first, answer("2026-12-01T09:30:00+13:00"), "2026-12-01", "2026-12-01");
  expect(second.days.get("2026-12-01")).toEqual([slot("2026-12-01T09:30:00+13:00")]);
  expect(second.days.get("2026-12-02")).toHaveLength(1);
});

test("the first open date is found from a date on", () => {
  const known = withAnswer(nothingRead(zone), answer("2026-12-02T09:00:00+13:00", "2027-01-05T09:00:00+13:00"), "2026-12-01", "2027-01-31");
  expect(firstOpen(known, "2026-12-01")).toBe("2026-12-02");
  expect(firstOpen(known, "2026-12-03")).toBe("2027-01-05");
  expect(firstOpen(known, "2027-02-01")).toBeUndefined();
});

test("the nearest open slots are offered in their order", () => {
  const known = withAnswer(
    nothingRead(zone),
    answer("2026-12-01T16:00:00+13:00", "2026-12-02T09:00:00+13:00", "2026-12-02T10:30:00+13:00", "2026-12-03T09:00:00+13:00"),
    "2026-12-01",
    "2026-12-31",
  );
  expect(nearest(known, "2026-12-02T10:00:00+13:00", 3).map((s) => s.start)).toEqual([
    "2026-12-01T16:00:00+13:00",
    "2026-12-02T09:00:00+13:00",
    "2026-12-02T10:30:00+13:00",
  ]);
});
