import { expect, test } from "vitest";
import { addressOf, type At, isDue, routeOf } from "./address";
import type { Booking } from "./api";

const start = "2026-12-01T10:00:00+09:00";
const route = { host: "demo", page: "intro", booking: "b1", at: {} };

test("an address says which page, which booking, and what of it", () => {
  const at = (path: string, search = "") => routeOf({ pathname: path, search });
  expect(at("/b/demo/intro")).toEqual({ host: "demo", page: "intro", booking: undefined, at: {} });
  expect(at("/b/demo/intro/b1")).toEqual(route);
  expect(at("/b/demo/intro/b1/cancel").at).toEqual({ change: "cancel" });
  expect(at("/b/demo/intro/b1/reschedule").at).toEqual({ change: "reschedule" });
  expect(at("/b/demo/intro/b1/reschedule", `?start=${encodeURIComponent(start)}`).at).toEqual({ change: "reschedule", start });
});

test("a start that is no time is none", () => {
  for (const wrong of ["tomorrow", "2026-12-01", "2026-12-01T10:00:00 09:00"]) {
    expect(routeOf({ pathname: "/b/demo/intro/b1/reschedule", search: `?start=${wrong}` }).at).toEqual({ change: "reschedule" });
  }
});

test("an address leads back to where it was made from, and keeps the language and the token", () => {
  const here = { search: "?lang=en&embed=inline", hash: "#token" };
  for (const at of [{}, { change: "cancel" }, { change: "reschedule" }, { change: "reschedule", start }] satisfies At[]) {
    const url = new URL(addressOf(route, at, here), "https://book.example.com");
    expect(routeOf(url)).toEqual({ ...route, at });
    expect(url.searchParams.get("lang")).toBe("en");
    expect(url.searchParams.get("embed")).toBe("inline");
    expect(url.hash).toBe("#token");
  }
  expect(addressOf(route, {}, { search: "", hash: "" })).toBe("/b/demo/intro/b1");
  expect(addressOf(route, {}, { search: `?start=${start}`, hash: "" })).toBe("/b/demo/intro/b1");
});

test("a change is due while the guest can make it, and has not", () => {
  const b = { status: "confirmed", start, canCancel: true, canReschedule: true } as Booking;
  const other = { change: "reschedule", start: "2026-12-02T10:00:00+09:00" } as const;
  expect(isDue(b, { change: "cancel" })).toBe(true);
  expect(isDue(b, { change: "reschedule" })).toBe(true);
  expect(isDue(b, other)).toBe(true);
  expect(isDue({ ...b, canCancel: false }, { change: "cancel" })).toBe(false);
  expect(isDue({ ...b, canReschedule: false }, other)).toBe(false);
  expect(isDue({ ...b, start: "2026-12-02T01:00:00Z" }, other)).toBe(false); // it stands there already
  expect(isDue({ ...b, move: { start: other.start, end: "", by: "host", steps: [] } }, other)).toBe(false);
  for (const status of ["pending", "failed", "cancelled"] as const) expect(isDue({ ...b, status }, { change: "cancel" })).toBe(false);
});
