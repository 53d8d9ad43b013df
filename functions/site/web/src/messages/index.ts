// Every text of the guest's pages, in each language.

import { en } from "./en";
import { ja } from "./ja";

export type Messages = typeof en;
export type Language = "ja" | "en";

export const catalogues: Record<Language, Messages> = { ja, en };

/** The locale to format in: the guest's own variant of the language if they have one. */
export const localeFor = (language: Language, preferred: readonly string[] = navigator.languages) =>
  preferred.find((l) => l === language || l.startsWith(`${language}-`)) ?? language;
