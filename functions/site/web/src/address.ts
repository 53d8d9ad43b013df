// Where a guest is: a booking page, their own booking, or a change of it. What the
// address says survives a reload, and the browser's back and forward.

import type { Booking, Place } from "./api";
import { isStamp, sameInstant } from "./stamp";

/** What a guest may do with a booking of theirs, as its address names it. */
export type Change = "cancel" | "reschedule";

/** A booking's own page, or one of its changes. */
export interface At {
  change?: Change;
  start?: string; // to which the booking is to be moved
}

export interface Route extends Place {
  booking: string | undefined;
  at: At;
}

/** The route of an address. */
export function routeOf({ pathname, search }: { pathname: string; search: string }): Route {
  const [host = "", page = "", booking, change] = pathname.split("/").slice(2).map(decodeURIComponent);
  if (change === "cancel") return { host, page, booking, at: { change } };
  if (change !== "reschedule") return { host, page, booking, at: {} };
  const start = new URLSearchParams(search).get("start") ?? "";
  return { host, page, booking, at: isStamp(start) ? { change, start } : { change } };
}

/** The address of a booking, or of a change of it, from another of its addresses: the language and all else stay. */
export function addressOf({ host, page, booking }: Route, { change, start }: At, { search, hash }: { search: string; hash: string }): string {
  const query = new URLSearchParams(search);
  query.delete("start");
  if (start) query.set("start", start);
  const asked = query.toString();
  return `/b/${[host, page, booking ?? "", ...(change ? [change] : [])].map(encodeURIComponent).join("/")}${asked && `?${asked}`}${hash}`;
}

/** Whether what the address asks for is still to be decided by the guest. */
export function isDue(b: Booking, { change, start }: At): boolean {
  if (b.status !== "confirmed" || b.move) return false;
  if (change === "cancel") return b.canCancel;
  return b.canReschedule && !(start && sameInstant(start, b.start));
}
