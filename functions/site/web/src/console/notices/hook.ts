// What is to be said of a hook at a glance.

import type { Delivery, Hook } from "../api";

export type HookState = "on" | "off" | "stopped" | "failing";

export function stateOf({ active, off, failingSince }: Pick<Hook, "active" | "off" | "failingSince">): HookState {
  if (!active) return off ? "stopped" : "off";
  return failingSince ? "failing" : "on";
}

export const tones: Record<HookState, string> = { on: "good", off: "off", stopped: "wrong", failing: "caution" };

/** Enough of an address to know it by. A chat's whole address lets anybody write there. */
export function shortAddress({ url, format }: Pick<Hook, "url" | "format">): string {
  try {
    const { host, pathname } = new URL(url);
    if (format === "json") return pathname === "/" ? host : host + pathname;
    return `${host}/…${pathname.length > 8 ? url.slice(-4) : ""}`;
  } catch {
    return url;
  }
}

/** Whether something of these is to be expected soon. */
export const expected = (deliveries: readonly Delivery[], now: number) =>
  deliveries.some((d) => d.status === "waiting" && (d.nextAt === undefined || Date.parse(d.nextAt) - now < 90_000));

/** The list with its first page read anew. */
export function refreshed(older: readonly Delivery[], first: readonly Delivery[]): Delivery[] {
  return [...first, ...older.filter((d) => !first.some((f) => f.id === d.id))];
}
