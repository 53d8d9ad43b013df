import { describe, expect, it } from "vitest";
import { copied, covers, faultsOf, nextWindow, painted, tidyClock } from "./hours";

const morning = { from: "09:00", to: "12:00" };
const afternoon = { from: "13:00", to: "18:00" };

describe("hours as people type them", () => {
  it.each([
    ["9", "09:00"],
    ["9:3", "09:30"],
    ["930", "09:30"],
    ["1730", "17:30"],
    ["24", "24:00"],
    ["９：３０", "09:30"],
    ["9時30分", "09:30"],
    ["13.15", "13:15"],
    ["25:00", "25:00"],
    ["noon", "noon"],
    ["", ""],
  ])("%s is %s", (typed, tidy) => expect(tidyClock(typed)).toBe(tidy));
});

describe("painting over a day", () => {
  it("opens what was closed, and joins what then touches", () => {
    expect(painted([morning, afternoon], { from: 720, to: 780 }, true)).toEqual([{ from: "09:00", to: "18:00" }]);
  });
  it("closes the middle of a window", () => {
    expect(painted([{ from: "09:00", to: "18:00" }], { from: 720, to: 780 }, false)).toEqual([morning, afternoon]);
  });
  it("closes everything", () => {
    expect(painted([morning, afternoon], { from: 0, to: 1440 }, false)).toEqual([]);
  });
  it("knows what is open as a whole", () => {
    expect([covers([morning], { from: 540, to: 600 }), covers([morning], { from: 690, to: 750 })]).toEqual([true, false]);
  });
});

describe("what is wrong with a day", () => {
  it.each([
    [[morning, afternoon], {}],
    [[{ from: "9", to: "12:00" }], { "0.from": "malformed" }],
    [[{ from: "09:02", to: "12:00" }], { "0.from": "notInFives" }],
    [[{ from: "12:00", to: "09:00" }], { "0.to": "endsFirst" }],
    [[morning, { from: "11:30", to: "13:00" }], { "1.from": "overlaps" }],
  ])("%j", (windows, faults) => expect(faultsOf(windows)).toEqual(faults));
});

it("offers the next window after the last", () => {
  expect([nextWindow([]), nextWindow([morning]), nextWindow([{ from: "20:00", to: "24:00" }])]).toEqual([
    { from: "09:00", to: "17:00" },
    { from: "13:00", to: "16:00" },
    { from: "23:00", to: "24:00" },
  ]);
});

it("copies a day to others", () => {
  const weekly = { mon: [morning], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [afternoon] };
  const next = copied(weekly, "mon", ["tue", "sun"]);
  expect([next.tue, next.sun, next.wed]).toEqual([[morning], [morning], []]);
  expect(next.tue[0]).not.toBe(weekly.mon[0]);
});
