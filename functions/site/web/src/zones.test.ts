import { expect, test } from "vitest";
import { cityOf, matching, today, zoneChoices, zoneName } from "./zones";

test("today is the zone's own date", () => {
  const noon = new Date("2026-12-01T12:00:00Z");
  expect(today("Pacific/Kiritimati", noon)).toBe("2026-12-02");
  expect(today("Pacific/Niue", noon)).toBe("2026-12-01");
  expect(today("Pacific/Niue", new Date("2026-12-01T03:00:00Z"))).toBe("2026-11-30");
});

test("zones are found by city, id and offset", () => {
  const choices = zoneChoices("en", new Date("2026-12-01T12:00:00Z"));
  const ids = (typed: string) => matching(choices, typed).map((c) => c.id);
  expect(ids("los angeles")).toContain("America/Los_Angeles");
  expect(ids("asia/tok")).toEqual(["Asia/Tokyo"]);
  expect(ids("gmt-3:30")).toEqual(["America/St_Johns"]);
  expect(ids("ＴＯＫＹＯ")).toEqual(["Asia/Tokyo"]);
  expect(ids("nowhere at all")).toEqual([]);
  expect(ids("utc")).toContain("UTC");
});

test("zones stand from west to east", () => {
  const offsets = zoneChoices("en").map((c) => c.offset);
  expect(offsets[0]).toBe("GMT−11");
  expect(offsets.at(-1)).toBe("GMT+14");
});

test("a zone has a name in each language, and at least its id", () => {
  expect(cityOf("America/Argentina/Buenos_Aires")).toBe("Buenos Aires");
  expect(zoneName("America/New_York", "ja")).toContain("東部時間");
  expect(zoneName("Mars/Olympus", "en")).toBe("Mars/Olympus");
});
