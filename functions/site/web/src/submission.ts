// Sending one submission until its answer is known. Its key stays the same, so
// that the server takes it once however often it arrives.

import { NoAnswer, type Receipt } from "./api";
import { pause } from "./pause";

/** Waits between tries, in milliseconds; then it is the guest's to try again. */
const waits = [500, 1000, 2000, 4000];
const longestWait = 20_000;

/**
 * Calls post until it is answered: a receipt, or a Refusal thrown. NoAnswer is
 * thrown once every try was in vain; the submission may have arrived.
 */
export async function deliver(post: () => Promise<Receipt>, wait: (ms: number) => Promise<void> = pause): Promise<Receipt> {
  for (const ms of waits) {
    try {
      return await post();
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      await wait(Math.min(Math.max(ms, (error.retryAfterSeconds ?? 0) * 1000), longestWait));
    }
  }
  return post();
}
