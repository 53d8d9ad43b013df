import { describe, expect, it } from "vitest";
import type { Connection, HostBooking } from "./api";
import { followBooking, moving } from "./booking-following";
import { addressOf, lookingOf, narrowed } from "./bookings-filter";
import { laterCheck } from "./checking";
import { doneSteps, type FirstStep } from "./checklist";
import { NoAnswer, type Summary } from "./api";
import { handleFault, handleOf, suggestedHandle } from "./handle";
import { en } from "./messages/en";
import { ja } from "./messages/ja";
import { outcomeOf } from "./outcome";
import { daysOf } from "./retention";
import { safePath } from "./session";
import { byDate, spanIn } from "./when";

describe("a handle", () => {
  it.each([
    ["", "handleMissing"],
    ["ab", "handleShort"],
    ["a".repeat(41), "handleLong"],
    ["Taro", "handleForm"],
    ["taro.yamada", "handleForm"],
    ["約束", "handleForm"],
    ["-taro", "handleEnds"],
    ["taro-", "handleEnds"],
    ["taro-yamada", undefined],
    ["007", undefined],
    ["a".repeat(40), undefined],
  ])("%j is faulty as %s", (handle, fault) => expect(handleFault(handle)).toBe(fault));

  it.each([
    ["Taro Yamada", "taro-yamada"],
    ["ＴＡＲＯ＿１", "taro-1"],
    ["taro.y", "taro-y"],
  ])("typed as %j is meant as %j", (typed, meant) => expect(handleOf(typed)).toBe(meant));

  it.each([
    ["Taro.Yamada+work@example.com", "taro-yamada"],
    ["_x_@example.com", ""],
    ["山田@example.jp", ""],
    [undefined, ""],
  ])("is suggested from %j: %j", (email, handle) => expect(suggestedHandle(email)).toBe(handle));
});

describe("the way back from the sign-in", () => {
  it.each([
    ["/console/bookings?when=past#x", "/console/bookings?when=past#x"],
    ["/console", "/console"],
    [undefined, "/console"],
    ["https://evil.example/console", "/console"],
    ["//evil.example/console", "/console"],
    ["/consoles", "/console"],
    ["/b/demo/intro", "/console"],
    ["/console/signed-in?code=x", "/console"],
    ["/console/signed-out", "/console"],
  ])("%j leads to %j", (asked, to) => expect(safePath(asked)).toBe(to));
});

describe("what a provider's callback says", () => {
  it.each([
    [{ connected: "zoom" }, { connected: "zoom" }],
    [{ error: "state_expired", provider: "google" }, { error: "state_expired", provider: "google" }],
    [{ error: "state_missing", provider: "nothing" }, { error: "state_missing", provider: "zoom" }],
    [{ connected: "<script>" }, undefined],
    [{}, undefined],
  ])("%j is read as %j", (query, outcome) => expect(outcomeOf(query as Record<string, string>)).toEqual(outcome));

  const codes = [
    "zoom_plan_unsupported",
    "zoom_account_in_use",
    "zoom_approval_required",
    "microsoft_approval_required",
    "access_denied",
    "state_invalid",
    "state_expired",
    "state_missing",
    "scope_missing",
    "exchange_failed",
    "provider_unavailable",
  ];
  it.each([
    ["en", en],
    ["ja", ja],
  ] as const)("has its own words for each code (%s)", (_, m) => {
    const texts = [...codes, "other"].map((code) => m.connect.errors[code]?.text);
    expect(texts).not.toContain(undefined);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe("what is looked for", () => {
  it.each(["/console/bookings", "/console/bookings?when=past&status=failed&page=intro&q=%E5%B1%B1", "/console/bookings?q=a+b", "/console/bookings?concern=differs"])("is kept in the address %s", (address) => {
    const query = Object.fromEntries(new URL(address, "https://x").searchParams);
    expect(addressOf(lookingOf(query))).toBe(address);
  });

  it("takes no state that there is not", () => {
    expect(lookingOf({ when: "tomorrow", status: "lost", concern: "none" })).toEqual({ when: "upcoming", status: "", concern: "", page: "", q: "" });
  });

  it.each([
    [{ when: "past" }, false],
    [{ q: " " }, false],
    [{ status: "failed" }, true],
    [{ concern: "attention" }, true],
    [{ page: "intro" }, true],
  ])("%j narrows the list: %s", (query, is) => expect(narrowed(lookingOf(query as Record<string, string>))).toBe(is));
});

describe("a new host's steps", () => {
  const connection = (provider: Connection["provider"], status: Connection["status"] = "connected") => ({ provider, status });
  const published = { published: true };
  it.each<[string, Parameters<typeof doneSteps>[0], FirstStep[]]>([
    ["nothing yet", { connections: [connection("zoom", "disconnected")], pages: [], everBooked: false }, []],
    ["Zoom, to be reconnected", { connections: [connection("zoom", "reauthorize")], pages: [], everBooked: false }, ["zoom"]],
    ["either calendar", { connections: [connection("microsoft")], pages: [], everBooked: false }, ["calendar"]],
    ["a draft is no page yet", { connections: [], pages: [{ published: false }], everBooked: false }, []],
    ["all", { connections: [connection("zoom"), connection("google")], pages: [published], everBooked: true }, ["zoom", "calendar", "page", "share"]],
  ])("%s", (_, standing, done) => expect([...doneSteps(standing)]).toEqual(done));
});

describe("retention days", () => {
  it.each([
    ["365", 365],
    ["３６５", 365],
    [" 0 ", 0],
    ["", undefined],
    ["-1", undefined],
    ["1.5", undefined],
    ["a year", undefined],
  ])("%j are %s", (typed, days) => expect(daysOf(typed)).toBe(days));
});

describe("bookings by date", () => {
  it("follow the wall clock that the stamps show", () => {
    const rows = ["2026-12-01T23:30:00+09:00", "2026-12-02T00:30:00+09:00", "2026-12-02T10:00:00+09:00"].map((start) => ({ start }));
    expect(byDate(rows).map(({ date, rows: of }) => [date, of.length])).toEqual([
      ["2026-12-01", 1],
      ["2026-12-02", 2],
    ]);
  });

  it("keep the order of the past, the last first", () => {
    const rows = ["2026-12-02T10:00:00+09:00", "2026-12-01T10:00:00+09:00"].map((start) => ({ start }));
    expect(byDate(rows).map(({ date }) => date)).toEqual(["2026-12-02", "2026-12-01"]);
  });
});

describe("the guest's time", () => {
  const slot = { start: "2026-12-02T09:00:00+09:00", end: "2026-12-02T09:30:00+09:00" };
  it.each([
    ["America/New_York", "ja-JP", "12月1日(火) 19:00 – 19:30"],
    ["Europe/London", "ja-JP", "12月2日(水) 0:00 – 0:30"],
  ])("in %s", (timezone, locale, text) => expect(spanIn(slot, timezone, locale)).toBe(text));

  it("names the day on which it ends, if that is another", () => {
    const late = { start: "2026-12-02T13:45:00Z", end: "2026-12-02T15:15:00Z" };
    expect(spanIn(late, "Asia/Tokyo", "ja-JP")).toBe("12月2日(水) 22:45 – 12月3日(木) 0:15");
  });
});

describe("following a booking", () => {
  type State = Pick<HostBooking, "status" | "steps" | "needsAttention" | "move">;
  const state = (status: State["status"], meeting: State["steps"][number]["status"], needsAttention = false) =>
    ({ status, steps: [{ name: "meeting", status: meeting }], needsAttention }) as HostBooking;
  const confirmed = state("confirmed", "done");
  const cancelling = state("cancelled", "started");
  const cancelled = state("cancelled", "undone");
  const atOnce = () => Promise.resolve();

  it.each<[string, HostBooking, boolean]>([
    ["in progress", state("pending", "started"), true],
    ["confirmed", confirmed, false],
    ["being undone", cancelling, true],
    ["parked", state("failed", "started", true), false],
    ["being moved", { ...confirmed, move: { start: "", end: "", by: "host", steps: [] } }, true],
  ])("%s moves: %s", (_, b, is) => expect(moving(b)).toBe(is));

  async function seenOf(answers: (HostBooking | Error)[], since?: HostBooking) {
    const seen: HostBooking[] = [];
    let reads = 0;
    const read = () => {
      const next = answers[Math.min(reads++, answers.length - 1)];
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next as HostBooking);
    };
    await followBooking(read, (b) => seen.push(b), new AbortController().signal, since, atOnce);
    return { seen, reads };
  }

  it("waits for what was asked for to show", async () => {
    expect((await seenOf([confirmed, confirmed, cancelling, cancelled], confirmed)).seen).toEqual([confirmed, confirmed, cancelling, cancelled]);
  });

  it("has seen a move that is over before it was looked for", async () => {
    const moved: HostBooking = { ...confirmed, moved: { from: "", by: "host", at: "2026-12-01T10:00:00Z", newUrl: false } };
    expect((await seenOf([moved], confirmed)).reads).toBe(1);
  });

  it("does not wait for ever", async () => {
    expect((await seenOf([confirmed], confirmed)).reads).toBeLessThan(20);
  });

  it("goes on after silence", async () => {
    expect((await seenOf([state("pending", "started"), new NoAnswer(), confirmed])).seen.at(-1)).toBe(confirmed);
  });
});

describe("a comparison that was asked for", () => {
  const atOnce = () => Promise.resolve();
  const summary = (at?: string) => ({ check: { differences: 0, ...(at && { at }) } }) as Summary;
  const looked = async (answers: (Summary | Error)[], since?: string) => {
    let reads = 0;
    const read = () => {
      const next = answers[Math.min(reads++, answers.length - 1)] as Summary | Error;
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    };
    return (await laterCheck(read, since, new AbortController().signal, atOnce))?.check?.at;
  };
  it("is waited for, over silence", async () => {
    expect(await looked([summary("before"), new NoAnswer(), summary("after")], "before")).toBe("after");
  });
  it("may be the first", async () => {
    expect(await looked([summary(), summary("after")])).toBe("after");
  });
  it("is not waited for for ever", async () => {
    expect(await looked([summary("before")], "before")).toBeUndefined();
  });
});
