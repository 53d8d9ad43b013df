// Waiting for a comparison that was asked for: it begins within the minute.

import { nextWait } from "../progress";
import { pause } from "../pause";
import { NoAnswer, type Summary } from "./api";

/** How often it is looked for: some minutes in all. */
const patience = 14;

/**
 * Reads the summary until it tells of a later comparison than since, and returns
 * that; undefined if none comes.
 */
export async function laterCheck(
  read: () => Promise<Summary>,
  since: string | undefined,
  signal: AbortSignal,
  wait: (ms: number, signal: AbortSignal) => Promise<void> = pause,
): Promise<Summary | undefined> {
  for (let ms = 1000, tries = 0; tries < patience; ms = nextWait(ms), tries++) {
    await wait(ms, signal);
    try {
      const summary = await read();
      signal.throwIfAborted();
      if (summary.check?.at !== undefined && summary.check.at !== since) return summary;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NoAnswer)) throw error;
    }
  }
  return undefined;
}
