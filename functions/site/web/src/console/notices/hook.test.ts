import { describe, expect, it } from "vitest";
import { type Delivery, hookEvents, type Hook } from "../api";
import { en } from "./messages/en";
import { ja } from "./messages/ja";
import { expected, refreshed, shortAddress, stateOf } from "./hook";

describe("a notice's state", () => {
  it.each<[string, Pick<Hook, "active" | "off" | "failingSince">]>([
    ["on", { active: true }],
    ["failing", { active: true, failingSince: "2026-12-01T10:00:00Z" }],
    ["off", { active: false }],
    ["stopped", { active: false, off: { reason: "gone", at: "2026-12-01T10:00:00Z" } }],
  ])("is %s", (state, hook) => expect(stateOf(hook)).toBe(state));
});

describe("an address at a glance", () => {
  it.each<[Hook["format"], string, string]>([
    ["slack", "https://hooks.slack.com/services/T0/B0/abcdefgh", "hooks.slack.com/…efgh"],
    ["google_chat", "https://chat.googleapis.com/v1/spaces/AA/messages?key=k&token=secret", "chat.googleapis.com/…cret"],
    ["slack", "https://chat.example.com/a", "chat.example.com/…"],
    ["json", "https://crm.example.com/hooks/yakusoku?key=secret", "crm.example.com/hooks/yakusoku"],
    ["json", "https://crm.example.com/", "crm.example.com"],
    ["json", "nowhere", "nowhere"],
  ])("of %s: %s", (format, url, text) => expect(shortAddress({ format, url })).toBe(text));
});

describe("the log", () => {
  const now = Date.parse("2026-12-01T10:00:00Z");
  const delivery = (id: string, status: Delivery["status"], nextAt?: string): Delivery => ({ id, event: "test", createdAt: "", status, attempts: [], ...(nextAt && { nextAt }) });
  it.each<[string, Delivery, boolean]>([
    ["delivered", delivery("a", "delivered"), false],
    ["to be sent at once", delivery("a", "waiting", "2026-12-01T10:00:05Z"), true],
    ["to be tried in some hours", delivery("a", "waiting", "2026-12-01T13:00:00Z"), false],
    ["on its way", delivery("a", "waiting"), true],
  ])("follows what is %s: %s", (_, d, is) => expect(expected([d], now)).toBe(is));
  it("keeps what is older when its first page is read anew", () => {
    const was = [delivery("c", "waiting"), delivery("b", "failed"), delivery("a", "failed")];
    expect(refreshed(was, [delivery("d", "waiting"), delivery("c", "delivered")]).map((d) => [d.id, d.status])).toEqual([
      ["d", "waiting"],
      ["c", "delivered"],
      ["b", "failed"],
      ["a", "failed"],
    ]);
  });
});

describe("the words", () => {
  it.each([
    ["en", en],
    ["ja", ja],
  ] as const)("have a name for each event (%s)", (_, n) => {
    expect(Object.keys(n.eventNames).sort()).toEqual([...hookEvents].sort());
    for (const e of [...hookEvents, "test"]) expect(n.eventShort[e]).toBeTruthy();
  });
});
