import { useState } from "preact/hooks";
import type { KeyScope, MadeKey } from "../api";
import { Screen, useConsole } from "../frame";
import { useGo, useUnsaved } from "../router";
import { Dialog, Form, RadioField, Secret, TextField } from "../ui";
import { DocsLink } from "./docs-link";
import { keysPath } from "./list-screen";
import { useKeyWords } from "./messages";
import { ScopesField } from "./scopes-field";

const terms = ["30", "90", "365", "none"] as const;
type Term = (typeof terms)[number];

export function NewScreen() {
  const { api } = useConsole();
  const k = useKeyWords();
  const go = useGo();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<KeyScope[]>([]);
  const [term, setTerm] = useState<Term>("90");
  const [made, setMade] = useState<MadeKey>();
  useUnsaved((name !== "" || scopes.length > 0) && !made);

  return (
    <Screen heading={k.newHeading} lead={k.newLead} back={{ href: keysPath, text: k.heading }}>
      <Form
        check={() => ({ ...(!name.trim() && { name: k.nameMissing }), ...(scopes.length === 0 && { scopes: k.scopesMissing }) })}
        send={async () => setMade(await api.createKey({ name: name.trim(), scopes, ...(term !== "none" && { expiresInDays: Number(term) }) }))}
        action={k.create}
      >
        {(errors) => (
          <>
            <TextField name="name" label={k.name} required most={60} value={name} hint={k.nameHint} error={errors.name} change={setName} />
            <ScopesField scopes={scopes} error={errors.scopes} change={setScopes} />
            <RadioField<Term> name="term" label={k.term} value={term} options={terms.map((t) => ({ value: t, label: k.terms[t] }))} hint={k.termHint} error={errors.expiresInDays} change={setTerm} />
          </>
        )}
      </Form>
      {made && <MadeDialog made={made} close={() => go(keysPath, { done: true, replace: true })} />}
    </Screen>
  );
}

function MadeDialog({ made, close }: { made: MadeKey; close: () => void }) {
  const { config } = useConsole();
  const k = useKeyWords();
  return (
    <Dialog title={k.shown.heading} lead={k.shown.lead} close={close} wide>
      <Secret text={made.key} copyIt={k.shown.copyIt} copied={k.shown.copied} done={k.shown.done} close={close} />
      <div class="field-group">
        <p>{k.shown.how}</p>
        <pre class="example" tabIndex={0}>
          <code>
            {`curl ${config.origin}/api/v1/${made.scopes.map((s) => readable[s]).find(Boolean) ?? "…"} \\\n  -H "Authorization: Bearer ysk_…"`}
          </code>
        </pre>
        <DocsLink />
      </div>
    </Dialog>
  );
}

/** What a key with the scope can be tried on: nothing changes by it. */
const readable: Partial<Record<KeyScope, string>> = { "bookings:read": "bookings", "pages:read": "pages", "profile:read": "profile", "hooks:read": "hooks" };
