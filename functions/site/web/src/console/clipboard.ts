import { useConsole } from "./frame";
import { useWords } from "./messages";

/** Copies a text and says so. */
export function useCopy(): (text: string, done?: string) => Promise<void> {
  const { toast } = useConsole();
  const m = useWords();
  return async (text, done = m.copied) => {
    try {
      await navigator.clipboard.writeText(text);
      toast(done);
    } catch {
      toast(m.copyFailed, "wrong");
    }
  };
}
