// Following a booking from the host's side, while something happens to it.

import { nextWait } from "../progress";
import { pause } from "../pause";
import { type HostBooking, NoAnswer } from "./api";

/** Whether steps are still to be expected: a booking in progress, being moved, or one that was just asked to change. */
export function moving(b: Pick<HostBooking, "status" | "steps" | "needsAttention" | "move">): boolean {
  if (b.needsAttention) return false;
  return b.status === "pending" || b.move !== undefined || b.steps.some((s) => s.status === "started");
}

/** What a change shows in. */
const stateOf = (b: HostBooking) => JSON.stringify([b.status, b.steps, b.move, b.moved, b.moveFailed]);

/** How often a request that was accepted is looked for before it is left to itself. */
const patience = 8;

/**
 * Reads the booking until nothing moves any more. With since, the state before a
 * request that was accepted, it looks on for a while until that shows.
 */
export async function followBooking(
  read: () => Promise<HostBooking>,
  seen: (b: HostBooking) => void,
  signal: AbortSignal,
  since?: HostBooking,
  wait: (ms: number, signal: AbortSignal) => Promise<void> = pause,
): Promise<void> {
  let shown = since === undefined;
  for (let ms = 500, tries = 0; ; ms = nextWait(ms), tries++) {
    await wait(ms, signal);
    try {
      const b = await read();
      signal.throwIfAborted();
      seen(b);
      shown ||= since !== undefined && stateOf(b) !== stateOf(since);
      if (!moving(b) && (shown || tries >= patience)) return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NoAnswer)) throw error;
    }
  }
}
