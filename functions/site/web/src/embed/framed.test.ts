import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { framingIn } from "./framed";

const query = (mode: string, origin: string) => `?lang=ja&embed=${mode}&origin=${encodeURIComponent(origin)}`;

test("a framing is a known mode and one exact origin", () => {
  expect(framingIn(query("inline", "https://site.example"))).toEqual({ mode: "inline", parent: "https://site.example" });
  expect(framingIn(query("dialog", "http://localhost:3000"))).toEqual({ mode: "dialog", parent: "http://localhost:3000" });
});

test("anything else is none", () => {
  for (const wrong of ["", "*", "null", "/", "site.example", "https://site.example/", "https://site.example/path", "https://SITE.example", "https://u@site.example", "file://", "data:,x"]) {
    expect(framingIn(query("inline", wrong)), wrong).toBeNull();
  }
  expect(framingIn(query("popup", "https://site.example"))).toBeNull();
  expect(framingIn("?embed=inline")).toBeNull();
  expect(framingIn("?origin=https%3A%2F%2Fsite.example")).toBeNull();
  expect(framingIn("")).toBeNull();
});

const slot = { id: "b1", start: "2026-12-01T10:00:00+09:00", end: "2026-12-01T10:30:00+09:00", status: "confirmed" };
const postMessage = vi.fn();

/** The module anew, in a page with the query, in a frame or not. */
async function pageAt(search: string, inFrame: boolean) {
  const self = { parent: { postMessage } as unknown };
  if (!inFrame) self.parent = self;
  vi.stubGlobal("window", self);
  vi.stubGlobal("location", { search });
  return import("./framed");
}

beforeEach(() => vi.resetModules());
afterEach(() => {
  vi.unstubAllGlobals();
  postMessage.mockReset();
});

test("messages go to the origin named, and stay so when the page rewrites its query", async () => {
  const page = await pageAt(query("dialog", "https://site.example"), true);
  page.tellBooked({ ...slot, token: "secret" } as typeof slot);
  vi.stubGlobal("location", { search: "?lang=en" });
  page.askTop();
  page.askClose();
  expect(postMessage.mock.calls).toEqual([
    [{ yakusoku: "booked", booking: slot }, "https://site.example"],
    [{ yakusoku: "top" }, "https://site.example"],
    [{ yakusoku: "close" }, "https://site.example"],
  ]);
});

test.each([
  ["outside a frame", query("dialog", "https://site.example"), false],
  ["in a frame that names no reader", query("dialog", "*"), true],
])("%s nothing is said", async (_, search, inFrame) => {
  const page = await pageAt(search, inFrame);
  expect(page.framed()).toBeNull();
  page.tellBooked(slot);
  page.askClose();
  page.followHeight()();
  page.followEscape()();
  expect(postMessage).not.toHaveBeenCalled();
});

test("the height is told at once, and again until it is no longer followed", async () => {
  let height = 640.2;
  let changed = () => {};
  const disconnect = vi.fn();
  vi.stubGlobal("document", { documentElement: { getBoundingClientRect: () => ({ height }) } });
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(callback: () => void) {
        changed = callback;
      }
      observe() {}
      disconnect = disconnect;
    },
  );
  const page = await pageAt(query("inline", "https://site.example"), true);
  const stop = page.followHeight();
  height = 500;
  changed();
  expect(postMessage.mock.calls.map(([message]) => message)).toEqual([
    { yakusoku: "size", height: 641 },
    { yakusoku: "size", height: 500 },
  ]);
  stop();
  expect(disconnect).toHaveBeenCalledOnce();
});

test.each([
  ["Escape", { key: "Escape" }, false, 1],
  ["another key", { key: "Enter" }, false, 0],
  ["Escape that something else took", { key: "Escape", defaultPrevented: true }, false, 0],
  ["Escape that ends a composition", { key: "Escape", isComposing: true }, false, 0],
  ["Escape that ends a composition in Safari", { key: "Escape", keyCode: 229 }, false, 0],
  ["Escape that closes the page's own dialog", { key: "Escape" }, true, 0],
])("%s closes the dialog around the page, or does not", async (_, key, ownDialog, times) => {
  let press = (_: object) => {};
  vi.stubGlobal("document", { querySelector: () => (ownDialog ? {} : null) });
  vi.stubGlobal("addEventListener", (_: string, listener: typeof press) => (press = listener));
  const page = await pageAt(query("dialog", "https://site.example"), true);
  page.followEscape();
  press({ defaultPrevented: false, isComposing: false, keyCode: 27, ...key });
  expect(postMessage).toHaveBeenCalledTimes(times);
});
