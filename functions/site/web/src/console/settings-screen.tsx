import { useRef, useState } from "preact/hooks";
import { catalogues, type Language } from "../messages";
import type { ProfileSettings } from "./api";
import { forgetDrafts, useDraft } from "./draft";
import { Screen, useConsole, useHost, useProfile } from "./frame";
import { catalogues as words, useWords } from "./messages";
import { daysOf } from "./retention";
import { leaveAll, useUnsaved } from "./router";
import { markDeleted } from "./sign-in";
import { Button, ButtonLink, Dialog, focusFirstError, Form, RadioField, TextField, useDoing, useReading, ZoneLine } from "./ui";

export function SettingsScreen() {
  const m = useWords();
  return (
    <Screen heading={m.settings.heading}>
      <ProfileForm />
      <YourData />
      <DeleteAccount />
    </Screen>
  );
}

interface Typed {
  name: string;
  timezone: string;
  locale: Language;
  retention: string;
}

function ProfileForm() {
  const { api, config, speak, toast } = useConsole();
  const { profile, changed } = useHost();
  const m = useWords();
  const { name, timezone, locale, retentionDays } = profile;
  const draft = useDraft<Typed>(`settings:${profile.handle}`, { name, timezone, locale, retention: String(retentionDays) });
  useUnsaved(draft.unsaved);

  const days = daysOf(draft.value.retention);
  const check = () => ({
    ...(!draft.value.name.trim() && { name: m.welcome.nameMissing }),
    ...(days === undefined && { retentionDays: m.settings.retentionWrong }),
  });
  const save = async () => {
    const settings: ProfileSettings = { handle: profile.handle, name: draft.value.name.trim(), timezone: draft.value.timezone, locale: draft.value.locale, retentionDays: days ?? retentionDays };
    const now = await api.saveProfile(settings);
    draft.saved({ name: now.name, timezone: now.timezone, locale: now.locale, retention: String(now.retentionDays) });
    changed(now);
    if (now.locale !== locale) speak(now.locale);
    toast(words[now.locale].saved); // the language may just have changed
  };

  return (
    <section class="part">
      <h2>{m.settings.profile}</h2>
      <Form check={check} send={save} action={m.save}>
        {(errors) => (
          <>
            <dl class="summary fixed">
              <div>
                <dt>{m.settings.handle}</dt>
                <dd>
                  <span class="wire">
                    {config.origin}/b/{profile.handle}
                  </span>
                  <span class="hint">{m.settings.handleHint}</span>
                </dd>
              </div>
              <div>
                <dt>{m.settings.email}</dt>
                <dd>
                  {profile.email}
                  <span class="hint">{m.settings.emailHint}</span>
                </dd>
              </div>
            </dl>
            <TextField name="name" label={m.settings.name} required autocomplete="name" value={draft.value.name} hint={m.welcome.nameHint} error={errors.name} change={(v) => draft.change({ name: v })} />
            <ZoneLine timezone={draft.value.timezone} choose={(v) => draft.change({ timezone: v })} />
            {errors.timezone && <span class="field-error">{errors.timezone}</span>}
            <RadioField<Language>
              name="locale"
              label={m.settings.language}
              value={draft.value.locale}
              options={(["ja", "en"] as const).map((l) => ({ value: l, label: catalogues[l].language }))}
              hint={m.welcome.languageHint}
              error={errors.locale}
              change={(v) => draft.change({ locale: v })}
            />
            <TextField
              name="retentionDays"
              label={m.settings.retention}
              required
              inputMode="numeric"
              value={draft.value.retention}
              hint={m.settings.retentionHint}
              error={errors.retentionDays}
              change={(v) => draft.change({ retention: v })}
            />
          </>
        )}
      </Form>
    </section>
  );
}

/** Gives the file to the browser to keep. */
async function download(file: Promise<Blob>, name: string): Promise<void> {
  const address = URL.createObjectURL(await file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // Safari reads it a while after the click
}

function ExportButton({ text }: { text: string }) {
  const { api } = useConsole();
  const { handle } = useProfile();
  const m = useWords();
  const doing = useDoing();
  return <Button press={() => doing(() => download(api.exported(), `yakusoku-${handle}.json`), m.settings.exported)}>{text}</Button>;
}

function YourData() {
  const m = useWords();
  return (
    <section class="part">
      <h2>{m.settings.data}</h2>
      <p>{m.settings.exportLead}</p>
      <div class="actions">
        <ExportButton text={m.settings.export} />
      </div>
    </section>
  );
}

function DeleteAccount() {
  const m = useWords();
  const [asking, setAsking] = useState(false);
  return (
    <section class="part">
      <h2>{m.settings.delete}</h2>
      <p>{m.settings.deleteLead}</p>
      <div class="actions">
        <Button danger haspopup="dialog" press={() => setAsking(true)}>
          {m.settings.deleteGo}
        </Button>
      </div>
      {asking && <DeleteDialog close={() => setAsking(false)} />}
    </section>
  );
}

function DeleteDialog({ close }: { close: () => void }) {
  const { api, session } = useConsole();
  const { handle } = useProfile();
  const m = useWords();
  const doing = useDoing();
  const form = useRef<HTMLFormElement>(null);
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<string>();
  const [deleting, setDeleting] = useState(false);
  const summary = useReading((signal) => api.summary(signal));
  const upcoming = summary.value?.upcoming ?? 0;
  const submit = async () => {
    const same = typed.trim() === handle;
    setError(same ? undefined : m.settings.deleteMismatch);
    if (!same) {
      focusFirstError(form.current);
      return;
    }
    setDeleting(true);
    if (!(await doing(() => api.deleteAccount(handle)))) {
      setDeleting(false);
      close();
      return;
    }
    leaveAll();
    forgetDrafts();
    markDeleted();
    await session.signOut().catch(async () => {
      await session.forget();
      location.assign("/console/signed-out");
    });
  };
  return (
    <Dialog title={m.settings.deleteHeading} close={close}>
      <ul class="points">
        {m.settings.deleteWhat.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      {upcoming > 0 ? (
        <>
          <p class="alert">{m.settings.deleteUpcoming(upcoming)}</p>
          <div class="actions">
            <ButtonLink href="/console/bookings">{m.settings.toBookings}</ButtonLink>
            <Button press={close}>{m.close}</Button>
          </div>
        </>
      ) : (
        <form
          ref={form}
          noValidate
          onSubmit={(e) => {
            e.preventDefault();
            if (!deleting) void submit();
          }}
        >
          <TextField name="confirm" label={m.settings.deleteType(handle)} required value={typed} error={error} change={setTyped} />
          <div class="actions">
            <Button submit danger busy={deleting}>
              {m.settings.deleteConfirm}
            </Button>
            <ExportButton text={m.settings.exportFirst} />
            <Button press={close}>{m.cancel}</Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
