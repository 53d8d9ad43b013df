import { describe, expect, test } from "vitest";
import { dateOf, fullDate, offsetLabel, offsetOf, offsetsOf, sameInstant, shownTwice, timeOfDay, timeSpan } from "./stamp";

describe("a stamp is shown as it stands", () => {
  test.each([
    ["Tokyo", "2026-12-01T10:00:00+09:00", "2026-12-01", "10:00", "10:00 AM"],
    ["Kiritimati, a day ahead of it", "2026-12-02T00:30:00+14:00", "2026-12-02", "0:30", "12:30 AM"],
    ["Niue, a day behind", "2026-11-30T14:00:00-11:00", "2026-11-30", "14:00", "2:00 PM"],
    ["Greenwich", "2026-12-01T12:00:00Z", "2026-12-01", "12:00", "12:00 PM"],
    ["with fractions", "2026-12-01T12:00:00.5Z", "2026-12-01", "12:00", "12:00 PM"],
  ])("%s", (_, stamp, date, ja, en) => {
    expect(dateOf(stamp)).toBe(date);
    expect(timeOfDay(stamp, "ja")).toBe(ja);
    expect(timeOfDay(stamp, "en-US").replace("\u202f", " ")).toBe(en);
  });

  test("and not as the browser's zone data has it", () => {
    // Tokyo has no such offset: the string decides.
    expect(timeOfDay("2026-12-01T10:00:00+08:00", "ja")).toBe("10:00");
  });

  test("and what is no time with offset is refused", () => {
    expect(() => dateOf("2026-12-01 10:00")).toThrow(RangeError);
    expect(() => dateOf("2026-12-01T10:00:00")).toThrow(RangeError);
  });
});

test("a date is written in full in both languages", () => {
  expect(fullDate("2026-12-01", "ja")).toBe("2026年12月1日火曜日");
  expect(fullDate("2026-12-01", "en-US")).toBe("Tuesday, December 1, 2026");
});

test("an end on another day is named", () => {
  expect(timeSpan({ start: "2026-12-01T10:00:00+09:00", end: "2026-12-01T10:30:00+09:00" }, "ja")).toBe("10:00 – 10:30");
  expect(timeSpan({ start: "2026-12-01T23:45:00+09:00", end: "2026-12-02T00:15:00+09:00" }, "ja")).toBe("23:45 – 12月2日水曜日 0:15");
});

test("offsets are written as people read them", () => {
  expect([540, 0, -210, 345, -660].map(offsetLabel)).toEqual(["GMT+9", "GMT", "GMT−3:30", "GMT+5:45", "GMT−11"]);
  expect(offsetOf("2026-12-01T10:00:00-03:30")).toBe("GMT−3:30");
});

test("times that the day shows twice are known", () => {
  const first = "2026-11-01T01:30:00-04:00";
  const second = "2026-11-01T01:30:00-05:00";
  expect(shownTwice(["2026-11-01T00:30:00-04:00", first, second])).toEqual(new Set([first, second]));
  expect(sameInstant(first, second)).toBe(false);
  expect(sameInstant(first, "2026-11-01T14:30:00+09:00")).toBe(true);
});

test("a span over a clock change has two offsets", () => {
  expect(offsetsOf({ start: "2026-11-01T01:30:00-04:00", end: "2026-11-01T01:00:00-05:00" })).toBe("GMT−4 → GMT−5");
  expect(offsetsOf({ start: "2026-11-01T01:30:00-05:00", end: "2026-11-01T02:00:00-05:00" })).toBe("GMT−5");
});
