// The embedded page's side. Outside a frame, or in one that embed.ts did not
// open, all of this does nothing, so that callers need not ask.

import { type BookedSlot, isMode, type Message, type Mode, slotOf } from "./protocol";

/** How the page is embedded, and the origin of the site around it. */
export interface Framing {
  mode: Mode;
  parent: string;
}

/** The framing that a page's query tells; null if it tells none, or nothing to rely on. */
export function framingIn(query: string): Framing | null {
  const asked = new URLSearchParams(query);
  const mode = asked.get("embed");
  const parent = asked.get("origin") ?? "";
  return isMode(mode) && isOrigin(parent) ? { mode, parent } : null;
}

/** Neither "*" nor the "null" of a document without an origin: what is posted has one reader. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;
}

let framing: Framing | null | undefined;

/** How this page is embedded, if it is. Read once: the page rewrites its own query. */
export function framed(): Framing | null {
  if (framing === undefined) framing = window.parent === window ? null : framingIn(location.search);
  return framing;
}

function tell(message: Message): void {
  const around = framed();
  if (around) window.parent.postMessage(message, around.parent);
}

/** Keeps the frame as high as the page, until the function returned is called. */
export function followHeight(): () => void {
  if (!framed()) return () => {};
  const root = document.documentElement; // its box, not scrollHeight: that never shrinks
  const tellHeight = () => tell({ yakusoku: "size", height: Math.ceil(root.getBoundingClientRect().height) });
  tellHeight(); // an observer says nothing in a tab that is not shown
  const observer = new ResizeObserver(tellHeight);
  observer.observe(root);
  return () => observer.disconnect();
}

/** Lets Escape close the dialog around the page: while focus is in the frame, only the page hears it. */
export function followEscape(): () => void {
  if (framed()?.mode !== "dialog") return () => {};
  const pressed = (e: KeyboardEvent) => {
    const composing = e.isComposing || e.keyCode === 229; // Safari ends a composition before it tells the key
    const closesOwn = document.querySelector("dialog[open]") !== null;
    if (e.key === "Escape" && !e.defaultPrevented && !composing && !closesOwn) askClose();
  };
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}

/** Tells the site of a booking. */
export function tellBooked(booking: BookedSlot): void {
  tell({ yakusoku: "booked", booking: slotOf(booking) });
}

/** Asks the site to bring the page's top into view. */
export function askTop(): void {
  tell({ yakusoku: "top" });
}

/** Asks the site to close the frame. */
export function askClose(): void {
  tell({ yakusoku: "close" });
}
