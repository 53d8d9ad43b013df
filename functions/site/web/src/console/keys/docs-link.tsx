import { useWords } from "../messages";
import { useKeyWords } from "./messages";

/** Where it is said what can be asked for, and how. */
export function DocsLink() {
  const m = useWords();
  const k = useKeyWords();
  return (
    <p>
      <a href="/api/docs" target="_blank" rel="noreferrer">
        {k.docs}
        <span class="unseen">{m.opensOutside}</span>
      </a>
    </p>
  );
}
