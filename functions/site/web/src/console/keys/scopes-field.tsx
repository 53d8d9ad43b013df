import { type KeyScope, keyScopes } from "../api";
import { TicksField } from "../ui";
import { useKeyWords } from "./messages";

interface Props {
  scopes: readonly KeyScope[];
  error: string | undefined;
  change: (scopes: KeyScope[]) => void;
}

/** What a key may do, in words, and in those of the API. */
export function ScopesField({ scopes, error, change }: Props) {
  const k = useKeyWords();
  return (
    <TicksField
      name="scopes"
      label={k.scopes}
      hint={k.scopesHint}
      options={keyScopes}
      ticked={scopes}
      error={error}
      change={change}
      words={(scope) => (
        <span class="scope">
          <span>{k.scopeNames[scope]}</span>
          <code>{scope}</code>
          {k.scopeHints[scope] && <span class="hint">{k.scopeHints[scope]}</span>}
        </span>
      )}
    />
  );
}
