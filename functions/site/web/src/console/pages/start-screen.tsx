import { useRef, useState } from "preact/hooks";
import { Alert } from "../../frame";
import { Problem, SignedOut } from "../api";
import { Screen, useConsole, useProfile } from "../frame";
import { useWords } from "../messages";
import { useGo, useUnsaved } from "../router";
import { Button, byPath, focusFirstError, inWords, RadioField, TextField, useReading } from "../ui";
import { usePageWords } from "./messages";
import { freeSlug, slugForm, slugOf, startOf } from "./settings";

const durations = ["15", "30", "45", "60", "90"] as const;

/** What a new page begins with; all else has good values until the host changes them. */
export function StartScreen() {
  const { api, config } = useConsole();
  const profile = useProfile();
  const m = useWords();
  const p = usePageWords();
  const go = useGo();
  const form = useRef<HTMLFormElement>(null);
  const pages = useReading((signal) => api.pages(signal));
  const calendars = useReading((signal) => api.calendars(signal));
  const [title, setTitle] = useState("");
  const [typedSlug, setTypedSlug] = useState<string>();
  const [duration, setDuration] = useState<(typeof durations)[number]>("30");
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [refused, setRefused] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  const slug = typedSlug ?? freeSlug(slugOf(title), (pages.value ?? []).map((page) => page.slug));
  useUnsaved(!saving && (title !== "" || typedSlug !== undefined));

  const submit = async () => {
    const found = { ...(!title.trim() && { title: p.start.titleMissing }), ...(!slugForm.test(slug) && { slug: p.start.slugWrong }) };
    setErrors(found);
    setRefused(undefined);
    if (Object.keys(found).length > 0) {
      focusFirstError(form.current);
      return;
    }
    setSaving(true);
    try {
      await api.createPage(startOf({ title, slug, durationMinutes: Number(duration) }, profile, calendars.value?.calendars ?? []));
      go(`/console/pages/${slug}`, { done: true });
    } catch (error) {
      setSaving(false);
      if (error instanceof SignedOut) return;
      if (error instanceof Problem && error.errors.length > 0) setErrors(byPath(error.errors));
      else if (error instanceof Problem && error.code === "slug_taken") setErrors({ slug: error.detail });
      else setRefused(error);
      focusFirstError(form.current);
    }
  };

  return (
    <Screen heading={p.start.heading} lead={p.start.lead} back={{ href: "/console/pages", text: p.start.back }}>
      <form
        ref={form}
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          if (!saving) void submit();
        }}
      >
        {refused !== undefined && <Alert>{inWords(refused, m)}</Alert>}
        <TextField name="title" label={p.start.title} required hint={p.start.titleHint} value={title} error={errors.title} change={setTitle} />
        <TextField name="slug" label={p.start.slug} required hint={p.start.slugHint} value={slug} error={errors.slug} change={setTypedSlug} />
        <p class="address-preview">
          <span class="wire">
            <span class="quiet">
              {config.origin}/b/{profile.handle}/
            </span>
            {slug}
          </span>
        </p>
        <RadioField name="duration" label={p.start.duration} value={duration} options={durations.map((d) => ({ value: d, label: p.editor.minutes(Number(d)) }))} change={setDuration} />
        <div class="actions">
          <Button submit primary busy={saving}>
            {p.start.create}
          </Button>
        </div>
      </form>
    </Screen>
  );
}
