import { describe, expect, it } from "vitest";
import type { PageSettings } from "../api";
import { conflictOf, freeSlug, merged, moved, nextID, retyped, siteError, slugOf, startOf } from "./settings";

const page = (changes: Partial<PageSettings> = {}): PageSettings =>
  ({ slug: "intro", title: "初回相談", durationMinutes: 30, weekly: { mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] }, questions: [], ...changes }) as PageSettings;

describe("two tabs", () => {
  const base = page();
  const mine = page({ title: "私の題", durationMinutes: 45 });
  const theirs = page({ title: "別の題", published: true });
  it("tells who changed what", () => {
    expect(conflictOf(base, mine, theirs)).toEqual({ mine: ["title", "durationMinutes"], theirs: ["title", "published"], both: ["title"] });
  });
  it("loses nothing when both are put together", () => {
    expect(merged(base, mine, theirs)).toEqual(page({ title: "私の題", durationMinutes: 45, published: true }));
  });
  it("has no quarrel over the same change", () => {
    expect(conflictOf(base, page({ title: "同じ" }), page({ title: "同じ" })).both).toEqual([]);
  });
});

describe("a new page's address", () => {
  it.each([
    ["Intro call", "intro-call"],
    ["初回相談", ""],
    ["Café & Co. – 30 min!", "cafe-co-30-min"],
  ])("of %s", (title, slug) => expect(slugOf(title)).toBe(slug));
  it("is free", () => {
    expect([freeSlug("intro", []), freeSlug("intro", ["intro", "intro-2"]), freeSlug("", ["page-1"])]).toEqual(["intro", "intro-3", "page-2"]);
  });
});

describe("a good start", () => {
  const host = { timezone: "Asia/Tokyo", locale: "ja" as const };
  it("writes to the calendar that the host has", () => {
    const start = startOf({ title: " 相談 ", slug: "a", durationMinutes: 60 }, host, [
      { provider: "microsoft", id: "x", name: "共有", primary: false, writable: false },
      { provider: "microsoft", id: "y", name: "予定表", primary: true, writable: true },
    ]);
    expect(start).toMatchObject({ title: "相談", published: false, holidays: "JP", slotIntervalMinutes: 30, calendars: { write: { provider: "microsoft", id: "y" }, check: [{ provider: "microsoft", id: "y" }] } });
  });
  it("leaves the calendar open without any", () => {
    expect(startOf({ title: "a", slug: "a", durationMinutes: 15 }, { ...host, timezone: "Europe/Berlin" }, [])).toMatchObject({ holidays: "", slotIntervalMinutes: 15 });
  });
});

describe("questions", () => {
  it("move", () => {
    expect([moved(["a", "b", "c"], 0, 2), moved(["a", "b", "c"], 2, 0), moved(["a"], 3, 0)]).toEqual([["b", "c", "a"], ["c", "a", "b"], ["a"]]);
  });
  const q = { id: "q1", label: "A", type: "text" as const, required: false, options: [] };
  it("keep what still has a meaning in another type", () => {
    expect([retyped(q, "select").options, retyped({ ...q, type: "select", options: ["x"] }, "multiselect").options, retyped({ ...q, type: "select", options: ["x"] }, "text").options]).toEqual([[""], ["x"], []]);
  });
  it("have ids of their own", () => {
    expect([nextID([]), nextID([q]), nextID([q, { ...q, id: "q3" }])]).toEqual(["q1", "q2", "q4"]);
  });
});

describe("sites that may embed the page", () => {
  const typed = ["https://www.example.com", " ", "https://example.org"];
  it.each([
    ["nothing", {}, undefined],
    ["the one that is refused, of those that were sent", { "embedOrigins[1]": "not allowed" }, "https://example.org: not allowed"],
    ["all of them", { embedOrigins: "too many", "embedOrigins[0]": "malformed" }, "too many"],
  ])("are wrong by %s", (_, errors, want) => expect(siteError(typed, errors)).toBe(want));
});
