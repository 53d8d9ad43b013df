// The first sign-in: what a host cannot be without.

import { useEffect, useRef, useState } from "preact/hooks";
import { Alert } from "../frame";
import type { Language } from "../messages";
import { catalogues } from "../messages";
import { detectedZone } from "../zones";
import { Problem, type Profile, SignedOut } from "./api";
import { Heading, useConsole } from "./frame";
import { handleFault, handleOf, suggestedHandle } from "./handle";
import { useWords } from "./messages";
import { Button, byPath, focusFirstError, inWords, RadioField, TextField, ZoneLine } from "./ui";

export function WelcomeScreen({ created }: { created: (profile: Profile) => void }) {
  const { api, session, config, language, speak } = useConsole();
  const m = useWords();
  const form = useRef<HTMLFormElement>(null);
  const [email, setEmail] = useState<string>();
  const [handle, setHandle] = useState("");
  const [name, setName] = useState("");
  const [timezone, setTimezone] = useState(detectedZone);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [refused, setRefused] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  const typed = useRef(false);

  useEffect(() => {
    void session.person().then((person) => {
      setEmail(person?.email);
      if (typed.current) return;
      setHandle(suggestedHandle(person?.email));
      setName(person?.name ?? "");
    });
  }, []);

  const submit = async () => {
    const fault = handleFault(handle);
    const found = { ...(fault && { handle: m.welcome[fault] }), ...(!name.trim() && { name: m.welcome.nameMissing }) };
    setErrors(found);
    setRefused(undefined);
    if (Object.keys(found).length > 0) {
      focusFirstError(form.current);
      return;
    }
    setSaving(true);
    try {
      created(await api.saveProfile({ handle, name: name.trim(), timezone, locale: language }));
    } catch (error) {
      setSaving(false);
      if (error instanceof SignedOut) return;
      const problem = error instanceof Problem ? error : undefined;
      if (problem?.code === "handle_taken") setErrors({ handle: m.welcome.handleTaken(handle) });
      else if (problem && problem.errors.length > 0) setErrors(byPath(problem.errors));
      else setRefused(error);
      focusFirstError(form.current);
    }
  };

  const wrong = Object.keys(errors).length;
  return (
    <div class="threshold">
      <Heading>{m.welcome.heading}</Heading>
      <p class="lead">{m.welcome.lead}</p>
      {email && <p class="quiet">{m.welcome.signedInAs(email)}</p>}
      <form
        ref={form}
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          if (!saving) void submit();
        }}
      >
        {wrong > 0 && <Alert>{m.failed.fields(wrong)}</Alert>}
        {refused !== undefined && <Alert>{inWords(refused, m)}</Alert>}
        <div class="field-group">
          <TextField
            name="handle"
            label={m.welcome.handle}
            required
            value={handle}
            hint={m.welcome.handleHint}
            error={errors.handle}
            change={(value) => {
              typed.current = true;
              setHandle(handleOf(value));
            }}
          />
          <p class="address-preview">
            <span class="quiet">{m.welcome.preview}</span>
            <span class="wire">
              {config.origin}/b/<strong>{handle || "…"}</strong>/<span class="quiet">{m.welcome.previewPage}</span>
            </span>
          </p>
        </div>
        <TextField
          name="name"
          label={m.welcome.name}
          required
          autocomplete="name"
          value={name}
          hint={m.welcome.nameHint}
          error={errors.name}
          change={(value) => {
            typed.current = true;
            setName(value);
          }}
        />
        <ZoneLine timezone={timezone} choose={setTimezone} />
        <RadioField<Language>
          name="locale"
          label={m.welcome.language}
          value={language}
          options={(["ja", "en"] as const).map((l) => ({ value: l, label: catalogues[l].language }))}
          hint={m.welcome.languageHint}
          change={speak}
        />
        <div class="actions">
          <Button submit primary busy={saving}>
            {m.welcome.start}
          </Button>
        </div>
      </form>
    </div>
  );
}
