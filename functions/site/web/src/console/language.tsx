// Which language the console speaks: the one chosen here, else the host's, else
// the browser's.

import { catalogues, type Language } from "../messages";
import { useConsole } from "./frame";
import { useWords } from "./messages";

const key = "yakusoku.console.language";

export function chosenLanguage(): Language | undefined {
  try {
    const kept = localStorage.getItem(key);
    return kept === "ja" || kept === "en" ? kept : undefined;
  } catch {
    return undefined;
  }
}

export function keepLanguage(language: Language): void {
  try {
    localStorage.setItem(key, language);
  } catch {
    // Storage is off: the choice lasts as long as the tab.
  }
}

export function LanguageSwitch() {
  const { language, speak } = useConsole();
  const m = useWords();
  return (
    <div class="language-switch" role="group" aria-label={m.languageSwitch}>
      {(["ja", "en"] as const).map((l) => (
        <button key={l} type="button" lang={l} aria-pressed={l === language} onClick={() => speak(l)}>
          {catalogues[l].language}
        </button>
      ))}
    </div>
  );
}
