// Asking for a move until it is known what became of the asking.

import { type Booking, Refusal } from "../api";
import { nextWait } from "../progress";
import { deliver } from "../submission";

interface Asking {
  post: () => Promise<void>; // asks
  read: () => Promise<Booking>;
  was: Booking; // as its guest saw it
  waiting: () => void; // called where another change comes first
  wait: (ms: number) => Promise<void>; // rejects once the guest has left
}

/** Before what is behind another change is asked for again, in milliseconds. */
const firstWait = 1000;

/**
 * Asks until the move is accepted; behind a change that is being completed, once
 * that is over. It returns where the booking is not any more what its guest saw,
 * too: that they must see first. A Refusal is thrown, and NoAnswer, as deliver does.
 */
export async function askToMove({ post, read, was, waiting, wait }: Asking): Promise<void> {
  for (let ms = firstWait; ; ms = nextWait(ms)) {
    try {
      return await deliver(post, wait);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== "booking_changing") throw error;
    }
    waiting();
    await wait(ms);
    const is = await deliver(read, wait);
    if (is.move || is.revision !== was.revision || is.status !== was.status) return;
  }
}
