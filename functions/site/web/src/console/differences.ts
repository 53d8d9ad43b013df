// What a host can do about a booking of theirs that was deleted or moved outside.

import { sameInstant } from "../stamp";
import type { Difference, HostBooking } from "./api";

/** How what stands here is put in place again: a new meeting with a new URL, the event once more, or both back to their time. */
export type Restoring = "newUrl" | "register" | "putBack";

export interface Ways {
  /** The other times, each once, to which the booking can follow. */
  follow: { start: string; end: string }[];
  restore: Restoring | undefined;
}

type Differing = Pick<HostBooking, "start" | "differences" | "canReschedule">;

/** What the host can choose; nothing once the booking cannot be moved any more. */
export function waysOf({ start, differences, canReschedule }: Differing, now: number): Ways {
  if (!canReschedule || differences.length === 0) return { follow: [], restore: undefined };
  const follow: Ways["follow"] = [];
  for (const d of differences) {
    if (d.gone || d.start === undefined || d.end === undefined) continue;
    const { start: at, end } = d;
    if (sameInstant(at, start) || Date.parse(at) <= now || follow.some((f) => sameInstant(f.start, at))) continue;
    follow.push({ start: at, end });
  }
  return { follow, restore: restoringOf(differences) };
}

function restoringOf(differences: readonly Difference[]): Restoring {
  if (isGone(differences, "meeting")) return "newUrl";
  return differences.some((d) => !d.gone) ? "putBack" : "register";
}

/** Whether that part is not there any more. */
export const isGone = (differences: readonly Difference[], what: Difference["what"]) => differences.some((d) => d.what === what && d.gone);
