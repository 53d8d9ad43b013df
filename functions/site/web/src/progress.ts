// Following a booking as its steps are recorded, until nothing more will change
// for its guest.

import { type Booking, NoAnswer, type StepName, type StepStatus } from "./api";
import { pause } from "./pause";

/** The steps that guests are shown, in their order. */
export const shownSteps: readonly StepName[] = ["hold", "meeting", "event", "mail"];

export const stepStatus = (b: Booking, step: StepName): StepStatus => b.steps.find((s) => s.name === step)?.status ?? "waiting";

/** Whether nothing more will change by itself that a guest can see. */
export function settled(b: Booking): boolean {
  if (b.status === "pending" || b.move) return false;
  return ["done", "failed"].includes(stepStatus(b, "mail"));
}

const firstWait = 250;
const longestWait = 30_000;

/** The wait after one: a third longer, up to half a minute. */
export const nextWait = (ms: number) => Math.min(Math.round(ms * 1.33), longestWait);

/**
 * Reads the booking again and again and hands on each state. Without an answer it
 * keeps trying, telling so by lost. It ends when the booking is settled, and
 * throws a Refusal.
 */
export async function follow(
  read: () => Promise<Booking>,
  seen: (b: Booking) => void,
  lost: () => void,
  signal: AbortSignal,
  wait: (ms: number, signal: AbortSignal) => Promise<void> = pause,
): Promise<void> {
  for (let ms = firstWait; ; ms = nextWait(ms)) {
    let retryAfter = 0;
    try {
      const b = await read();
      signal.throwIfAborted();
      seen(b);
      if (settled(b)) return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NoAnswer)) throw error;
      retryAfter = (error.retryAfterSeconds ?? 0) * 1000;
      lost();
    }
    await wait(Math.max(ms, retryAfter), signal);
  }
}
