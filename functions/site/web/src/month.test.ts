import { describe, expect, test } from "vitest";
import { addDays, addMonths, lastOf, stepByKey, weeksOf } from "./month";

describe("the grid of a month", () => {
  test.each([
    ["a month that starts in mid-week", "2026-12", 0, 5, [null, null, "2026-12-01"]],
    ["the same with weeks that start on Monday", "2026-12", 1, 5, [null, "2026-12-01", "2026-12-02"]],
    ["four full weeks", "2026-02", 0, 4, ["2026-02-01", "2026-02-02", "2026-02-03"]],
    ["six weeks", "2026-08", 0, 6, [null, null, null]],
  ])("%s", (_, month, firstWeekday, weeks, head) => {
    const grid = weeksOf(month, firstWeekday);
    expect(grid).toHaveLength(weeks);
    expect(grid[0]?.slice(0, 3)).toEqual(head);
    expect(grid.every((week) => week.length === 7)).toBe(true);
    const dates = grid.flat().filter((d) => d !== null);
    expect(dates[0]).toBe(`${month}-01`);
    expect(dates.at(-1)).toBe(lastOf(month));
    expect(dates).toHaveLength(Number(lastOf(month).slice(8)));
  });
});

test("months and days are counted over the ends of years", () => {
  expect(addMonths("2026-12", 1)).toBe("2027-01");
  expect(addMonths("2026-01", -1)).toBe("2025-12");
  expect(lastOf("2028-02")).toBe("2028-02-29");
  expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
});

test("arrow keys lead to the nearest open day within the month", () => {
  const open = new Set(["2026-12-01", "2026-12-04", "2026-12-22"]);
  const step = (from: string, key: string) => stepByKey(from, key, (d) => open.has(d));
  expect(step("2026-12-01", "ArrowRight")).toBe("2026-12-04");
  expect(step("2026-12-04", "ArrowLeft")).toBe("2026-12-01");
  expect(step("2026-12-01", "ArrowDown")).toBe("2026-12-22");
  expect(step("2026-12-22", "ArrowDown")).toBeUndefined();
  expect(step("2026-12-01", "Enter")).toBeUndefined();
});
