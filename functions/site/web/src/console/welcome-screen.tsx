// The first sign-in: what a host cannot be without.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Language } from "../messages";
import { catalogues } from "../messages";
import { detectedZone } from "../zones";
import type { Profile } from "./api";
import { Heading, useConsole } from "./frame";
import { handleFault, handleOf, suggestedHandle } from "./handle";
import { useWords } from "./messages";
import { Form, RadioField, TextField, ZoneLine } from "./ui";

export function WelcomeScreen({ created }: { created: (profile: Profile) => void }) {
  const { api, session, config, language, speak } = useConsole();
  const m = useWords();
  const [email, setEmail] = useState<string>();
  const [handle, setHandle] = useState("");
  const [name, setName] = useState("");
  const [timezone, setTimezone] = useState(detectedZone);
  const typed = useRef(false);

  useEffect(() => {
    void session.person().then((person) => {
      setEmail(person?.email);
      if (typed.current) return;
      setHandle(suggestedHandle(person?.email));
      setName(person?.name ?? "");
    });
  }, []);

  const check = () => {
    const fault = handleFault(handle);
    return { ...(fault && { handle: m.welcome[fault] }), ...(!name.trim() && { name: m.welcome.nameMissing }) };
  };
  const begin = async () => created(await api.saveProfile({ handle, name: name.trim(), timezone, locale: language }));

  return (
    <div class="threshold">
      <Heading>{m.welcome.heading}</Heading>
      <p class="lead">{m.welcome.lead}</p>
      {email && <p class="quiet">{m.welcome.signedInAs(email)}</p>}
      <Form check={check} send={begin} about={({ code }) => (code === "handle_taken" ? { handle: m.welcome.handleTaken(handle) } : undefined)} action={m.welcome.start}>
        {(errors) => (
          <>
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
          </>
        )}
      </Form>
    </div>
  );
}
