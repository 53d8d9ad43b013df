import { useId } from "preact/hooks";
import { type KeyScope, keyScopes } from "../api";
import { useKeyWords } from "./messages";

interface Props {
  scopes: readonly KeyScope[];
  error: string | undefined;
  change: (scopes: KeyScope[]) => void;
}

/** What a key may do, in words, and in those of the API. */
export function ScopesField({ scopes, error, change }: Props) {
  const k = useKeyWords();
  const id = useId();
  return (
    <fieldset class="field" aria-describedby={error ? `${id}-error ${id}-hint` : `${id}-hint`}>
      <legend>{k.scopes}</legend>
      <span id={`${id}-hint`} class="hint">
        {k.scopesHint}
      </span>
      {keyScopes.map((scope) => (
        <label key={scope} class="tick">
          <input
            type="checkbox"
            name="scopes"
            aria-invalid={error !== undefined}
            checked={scopes.includes(scope)}
            onChange={(e) => change(keyScopes.filter((other) => (other === scope ? e.currentTarget.checked : scopes.includes(other))))}
          />
          <span class="scope">
            <span>{k.scopeNames[scope]}</span>
            <code>{scope}</code>
            {k.scopeHints[scope] && <span class="hint">{k.scopeHints[scope]}</span>}
          </span>
        </label>
      ))}
      {error && (
        <span id={`${id}-error`} class="field-error">
          {error}
        </span>
      )}
    </fieldset>
  );
}
