import { useState } from "preact/hooks";
import { Screen, useConsole, useProfile } from "../frame";
import { useGo, useUnsaved } from "../router";
import { Form, RadioField, TextField, useReading } from "../ui";
import { usePageWords } from "./messages";
import { freeSlug, slugForm, slugOf, startOf } from "./settings";

const durations = ["15", "30", "45", "60", "90"] as const;

/** What a new page begins with; all else has good values until the host changes them. */
export function StartScreen() {
  const { api, config } = useConsole();
  const profile = useProfile();
  const p = usePageWords();
  const go = useGo();
  const pages = useReading((signal) => api.pages(signal));
  const calendars = useReading((signal) => api.calendars(signal));
  const [title, setTitle] = useState("");
  const [typedSlug, setTypedSlug] = useState<string>();
  const [duration, setDuration] = useState<(typeof durations)[number]>("30");
  const slug = typedSlug ?? freeSlug(slugOf(title), (pages.value ?? []).map((page) => page.slug));
  useUnsaved(title !== "" || typedSlug !== undefined);

  const check = () => ({ ...(!title.trim() && { title: p.start.titleMissing }), ...(!slugForm.test(slug) && { slug: p.start.slugWrong }) });
  const create = async () => {
    await api.createPage(startOf({ title, slug, durationMinutes: Number(duration) }, profile, calendars.value?.calendars ?? []));
    go(`/console/pages/${slug}`, { done: true });
  };

  return (
    <Screen heading={p.start.heading} lead={p.start.lead} back={{ href: "/console/pages", text: p.start.back }}>
      <Form check={check} send={create} about={({ code, detail }) => (code === "slug_taken" ? { slug: detail } : undefined)} action={p.start.create}>
        {(errors) => (
          <>
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
          </>
        )}
      </Form>
    </Screen>
  );
}
