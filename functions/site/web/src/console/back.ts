import { useEffect } from "preact/hooks";

/** Runs when the browser shows the page as it was left: by the back button, from a provider or the issuer. */
export function useShownAgain(run: () => void): void {
  useEffect(() => {
    const shown = (e: PageTransitionEvent) => {
      if (e.persisted) run();
    };
    addEventListener("pageshow", shown);
    return () => removeEventListener("pageshow", shown);
  }, []);
}
