import { expect, test } from "vitest";
import { frameAddress, messageIn } from "./protocol";

test("a frame's address is the link's, with how and for whom it is shown", () => {
  expect(frameAddress("https://y.example/b/demo/intro", "inline", "https://site.example")).toBe(
    "https://y.example/b/demo/intro?embed=inline&origin=https%3A%2F%2Fsite.example",
  );
  expect(frameAddress("https://y.example/b/demo/intro?lang=ja&embed=x#t", "dialog", "http://localhost:3000")).toBe(
    "https://y.example/b/demo/intro?lang=ja&embed=dialog&origin=http%3A%2F%2Flocalhost%3A3000#t",
  );
});

test("a height is one that a site can bear", () => {
  const height = (told: unknown) => messageIn({ yakusoku: "size", height: told });
  expect(height(812)).toEqual({ yakusoku: "size", height: 812 });
  expect(height(1)).toEqual({ yakusoku: "size", height: 320 });
  expect(height(1e9)).toEqual({ yakusoku: "size", height: 20_000 });
  for (const wrong of [NaN, Infinity, -Infinity, 0, -5, "812", "1px;color:red", null, undefined, [812], {}]) {
    expect(height(wrong), String(wrong)).toBeUndefined();
  }
});

test("of a booking, only what is not personal passes", () => {
  const slot = { id: "b1", start: "2026-12-01T10:00:00+09:00", end: "2026-12-01T10:30:00+09:00", status: "confirmed" };
  const told = { ...slot, token: "secret", guest: { email: "a@example.com" } };
  expect(messageIn({ yakusoku: "booked", booking: told })).toEqual({ yakusoku: "booked", booking: slot });
  expect(messageIn({ yakusoku: "booked", booking: { ...slot, end: 5 } })).toBeUndefined();
  expect(messageIn({ yakusoku: "booked", booking: { id: "b1" } })).toBeUndefined();
  expect(messageIn({ yakusoku: "booked", booking: null })).toBeUndefined();
  expect(messageIn({ yakusoku: "booked" })).toBeUndefined();
});

test("what others post is no message", () => {
  for (const posted of [undefined, null, 0, "close", [], {}, { yakusoku: "eval" }, { yakusoku: ["close"] }, { type: "close" }]) {
    expect(messageIn(posted), JSON.stringify(posted)).toBeUndefined();
  }
  expect(messageIn({ yakusoku: "close", extra: 1 })).toEqual({ yakusoku: "close" });
  expect(messageIn({ yakusoku: "top" })).toEqual({ yakusoku: "top" });
});
