// Sending one thing until its answer is known. The server takes it once however
// often it arrives: a submission by its key, a change because it is made already.

import { NoAnswer } from "./api";
import { pause } from "./pause";

/** Waits between tries, in milliseconds; then it is the guest's to try again. */
const waits = [500, 1000, 2000, 4000];
const longestWait = 20_000;

/**
 * Calls post until it is answered: what it returns, or a Refusal thrown. NoAnswer
 * is thrown once every try was in vain; what was sent may have arrived.
 */
export async function deliver<T>(post: () => Promise<T>, wait: (ms: number) => Promise<void> = pause): Promise<T> {
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
