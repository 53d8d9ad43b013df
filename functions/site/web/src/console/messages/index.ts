// The console's texts. Each part of it has its own two catalogues, which words()
// binds to the language that is spoken.

import type { Language } from "../../messages";
import { useConsole } from "../frame";
import { en } from "./en";
import { ja } from "./ja";

export type ConsoleMessages = typeof en;

/**
 * Makes a hook of two catalogues; the Japanese one has what the English one has,
 * or tsc fails: `export const useWords = words({ en, ja })`.
 */
export function words<M>(catalogues: Record<Language, M>): () => M {
  return () => catalogues[useConsole().language];
}

export const catalogues: Record<Language, ConsoleMessages> = { ja, en };

/** The texts of the console's frame and of all but the booking pages. */
export const useWords = words(catalogues);
