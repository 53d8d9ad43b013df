import { describe, expect, test } from "vitest";
import { noDetails } from "./details";
import { type Act, begin, type Flow, next, resumed } from "./flow";

const slot = { start: "2026-12-01T10:00:00+09:00", end: "2026-12-01T10:30:00+09:00" };
const details = { ...noDetails, name: "佐藤", email: "s@example.com" };
const sent = {
  key: "key-1",
  body: { start: slot.start, guest: { name: "佐藤", email: "s@example.com", timezone: "Asia/Tokyo", locale: "ja" as const } },
};
const after = (...acts: Act[]): Flow => acts.reduce(next, begin("Asia/Tokyo"));
const toConfirm: Act[] = [
  { type: "day", day: "2026-12-01" },
  { type: "slot", slot },
  { type: "typed", field: "name", details },
  { type: "checked", errors: {} },
];

test("a guest goes from a time over details to confirming", () => {
  expect(after(...toConfirm.slice(0, 1)).screen).toBe("choose");
  expect(after(...toConfirm.slice(0, 2)).screen).toBe("details");
  expect(after(...toConfirm).screen).toBe("confirm");
});

test("errors keep the guest at the details, and go when their field is typed in", () => {
  const wrong = after(...toConfirm.slice(0, 3), { type: "checked", errors: { name: "?", email: "?" } });
  expect(wrong).toMatchObject({ screen: "details", errors: { name: "?", email: "?" } });
  expect(next(wrong, { type: "typed", field: "name", details }).errors).toEqual({ email: "?" });
});

test("no screen is reached without a time", () => {
  expect(after({ type: "go", screen: "confirm" }).screen).toBe("choose");
});

test("another time, once the details are right, leads to confirming it", () => {
  const other = { start: "2026-12-02T10:00:00+09:00", end: "2026-12-02T10:30:00+09:00" };
  const again = after(...toConfirm, { type: "go", screen: "choose" }, { type: "slot", slot: other });
  expect(again).toMatchObject({ screen: "confirm", slot: other });
  const edited = after(...toConfirm, { type: "typed", field: "name", details }, { type: "slot", slot: other });
  expect(edited.screen).toBe("details");
});

test("a wrong code is told where it is asked for", () => {
  const asked = after(...toConfirm, { type: "code", sentTo: "s@example.com" }, { type: "send", sent }, { type: "wrong", errors: { code: "?" } });
  expect(asked).toMatchObject({ screen: "confirm", errors: { code: "?" }, codeSentTo: "s@example.com" });
  expect(next(asked, { type: "typed", field: "code", details })).toMatchObject({ errors: {}, reviewed: true });
  expect(next(asked, { type: "wrong", errors: { code: "?", name: "?" } }).screen).toBe("details");
});

test("another zone keeps the details, not the time", () => {
  expect(after(...toConfirm, { type: "go", screen: "choose" }, { type: "zone", timezone: "UTC" })).toMatchObject({
    timezone: "UTC",
    day: null,
    slot: null,
    details,
  });
});

describe("a submission whose answer is not known", () => {
  const unanswered = after(...toConfirm, { type: "send", sent }, { type: "unanswered" });

  test("is told of", () => expect(unanswered).toMatchObject({ sending: false, notice: { kind: "unanswered" } }));

  test("is sent again with its own key and body, whatever is offered", () => {
    const other = { key: "key-2", body: { ...sent.body, start: "2026-12-02T10:00:00+09:00" } };
    expect(next(unanswered, { type: "send", sent: other }).sent).toEqual(sent);
  });

  test.each<Act>([
    { type: "go", screen: "details" },
    { type: "slot", slot },
    { type: "zone", timezone: "UTC" },
    { type: "typed", field: "name", details },
  ])("allows nothing else: $type", (act) => {
    expect(next(unanswered, act)).toBe(unanswered);
  });

  test("is unanswered after a reload too", () => {
    expect(resumed(after(...toConfirm, { type: "send", sent }))).toEqual(unanswered);
  });
});

describe("an answered submission", () => {
  const sending = after(...toConfirm, { type: "send", sent });

  test("of a taken time leads back to the times and keeps what was typed", () => {
    expect(next(sending, { type: "taken" })).toMatchObject({
      screen: "choose",
      day: "2026-12-01",
      slot: null,
      details,
      sent: null,
      sending: false,
      notice: { kind: "taken", slot },
    });
  });

  test("with wrong fields leads to them", () => {
    expect(next(sending, { type: "wrong", errors: { email: "?" } })).toMatchObject({ screen: "details", errors: { email: "?" }, sent: null });
  });

  test("that was refused may be followed by a new one", () => {
    const refused = next(sending, { type: "refused", detail: "no" });
    expect(refused).toMatchObject({ screen: "confirm", sent: null, notice: { kind: "refused", detail: "no" } });
    expect(next(refused, { type: "send", sent: { ...sent, key: "key-2" } }).sent?.key).toBe("key-2");
  });
});
