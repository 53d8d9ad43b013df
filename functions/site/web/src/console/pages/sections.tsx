// The editor's sections, in the order in which a host thinks of them.

import type { ComponentChildren } from "preact";
import type { Language } from "../../messages";
import type { CalendarRef, Calendars, PageSettings } from "../api";
import { useWords } from "../messages";
import { Button, ButtonLink, RadioField, SelectField, TextField, TickField, ZoneLine } from "../ui";
import { usePageWords } from "./messages";
import { Questions } from "./questions";
import { fileLimit, siteError } from "./settings";
import { SpecialDays } from "./special-days";
import { type Errors, WeekHours } from "./week-hours";

interface Props {
  value: PageSettings;
  errors: Errors;
  calendars: Calendars | undefined; // while they are read
  today: string;
  change: (changes: Partial<PageSettings>) => void;
  languages: { value: Language; label: string }[];
}

export function Sections(props: Props) {
  const { value: v, errors, change, languages } = props;
  const p = usePageWords();
  const e = p.editor;
  return (
    <>
      <Section id="basics">
        <TextField name="title" label={p.settings.title} required value={v.title} hint={e.titleHint} error={errors.title} change={(title) => change({ title })} />
        <TextField name="description" label={p.settings.description} lines={4} value={v.description} hint={e.descriptionHint} error={errors.description} change={(description) => change({ description })} />
        <RadioField<Language> name="locale" label={p.settings.locale} value={v.locale} options={languages} hint={e.languageHint} error={errors.locale} change={(locale) => change({ locale })} />
        <ZoneLine timezone={v.timezone} choose={(timezone) => change({ timezone })} />
        {errors.timezone && <span class="field-error">{errors.timezone}</span>}
      </Section>
      <Section id="meeting">
        <SelectField name="format" label={p.settings.format} value={v.format} options={[{ value: "web", label: e.format }]} change={(format) => change({ format })} />
        <SelectField name="platform" label={p.settings.platform} value={v.platform} options={[{ value: "zoom", label: e.platform }]} change={(platform) => change({ platform })} />
        <TickField name="zoom.waitingRoom" label={e.waitingRoom} required checked={v.zoom.waitingRoom} error={errors["zoom.waitingRoom"]} change={(waitingRoom) => change({ zoom: { ...v.zoom, waitingRoom } })} />
        <TickField name="zoom.passcode" label={e.passcode} required checked={v.zoom.passcode} error={errors["zoom.passcode"]} change={(passcode) => change({ zoom: { ...v.zoom, passcode } })} />
        <RadioField
          name="zoom.autoSummary"
          label={e.autoSummary}
          value={v.zoom.autoSummary}
          options={(["account", "on", "off"] as const).map((value) => ({ value, label: e.summaries[value] }))}
          hint={e.autoSummaryHint}
          error={errors["zoom.autoSummary"]}
          change={(autoSummary) => change({ zoom: { ...v.zoom, autoSummary } })}
        />
      </Section>
      <Section id="hours">
        <WeekHours weekly={v.weekly} errors={errors} change={(weekly) => change({ weekly })} />
      </Section>
      <Section id="days">
        <TickField name="holidays" label={e.holidays} required checked={v.holidays === "JP"} error={errors.holidays} change={(on) => change({ holidays: on ? "JP" : "" })} />
        <SpecialDays overrides={v.overrides} today={props.today} errors={errors} change={(overrides) => change({ overrides })} />
      </Section>
      <Section id="rules">
        <Rules {...props} />
      </Section>
      <Section id="calendars">
        <CalendarChoice {...props} />
      </Section>
      <Section id="guests">
        <RadioField
          name="phone"
          label={p.settings.phone}
          value={v.phone}
          options={(["off", "optional", "required"] as const).map((value) => ({ value, label: e.phones[value] }))}
          error={errors.phone}
          change={(phone) => change({ phone })}
        />
        <Choice name="maxCoAttendees" label={p.settings.maxCoAttendees} value={v.maxCoAttendees} among={[0, 1, 2, 3, 5, 10]} say={(n) => (n === 0 ? e.none : String(n))} error={errors.maxCoAttendees} change={(maxCoAttendees) => change({ maxCoAttendees })} />
        <TextField name="consent.text" label={e.consentText} lines={2} value={v.consent.text} hint={e.consentHint} error={errors["consent.text"]} change={(text) => change({ consent: { ...v.consent, text } })} />
        {(v.consent.text || v.consent.url || v.consent.version) && (
          <>
            <TextField name="consent.url" label={e.consentURL} value={v.consent.url} error={errors["consent.url"]} change={(url) => change({ consent: { ...v.consent, url } })} />
            <TextField name="consent.version" label={e.consentVersion} required value={v.consent.version} hint={e.consentVersionHint} error={errors["consent.version"]} change={(version) => change({ consent: { ...v.consent, version } })} />
          </>
        )}
        <TickField name="verifyEmail" label={e.verifyEmail} required checked={v.verifyEmail} error={errors.verifyEmail} change={(verifyEmail) => change({ verifyEmail })} />
      </Section>
      <Section id="questions">
        {errors.questions && <span class="field-error">{errors.questions}</span>}
        <Questions questions={v.questions} errors={errors} change={(questions) => change({ questions })} />
      </Section>
      <Section id="mails">
        <Reminders {...props} />
        <TextField name="confirmationNote" label={e.note} lines={4} value={v.confirmationNote} hint={e.noteHint} error={errors.confirmationNote} change={(confirmationNote) => change({ confirmationNote })} />
      </Section>
      <Section id="looks">
        <TextField name="brand.accentColor" label={e.accent} value={v.brand.accentColor} hint={e.accentHint} error={errors["brand.accentColor"]} change={(accentColor) => change({ brand: { ...v.brand, accentColor: accentColor.trim().toLowerCase() } })} />
        <Logo {...props} />
      </Section>
      <Section id="sharing">
        <dl class="summary fixed">
          <div>
            <dt>{p.settings.slug}</dt>
            <dd>
              <span class="wire">{v.slug}</span>
              <span class="hint">{e.slugFixed}</span>
            </dd>
          </div>
        </dl>
        <TextField
          name="embedOrigins"
          label={e.origins}
          lines={3}
          value={v.embedOrigins.join("\n")}
          hint={e.originsHint}
          error={siteError(v.embedOrigins, errors)}
          change={(text) => change({ embedOrigins: text.split("\n") })}
        />
      </Section>
    </>
  );
}

function Section({ id, children }: { id: keyof ReturnType<typeof usePageWords>["editor"]["sections"]; children: ComponentChildren }) {
  const p = usePageWords();
  return (
    <section class="part" aria-labelledby={`page-${id}`}>
      <h2 id={`page-${id}`} tabIndex={-1}>
        {p.editor.sections[id]}
      </h2>
      {children}
    </section>
  );
}

interface ChoiceProps {
  name: string;
  label: string;
  value: number;
  among: readonly number[];
  say: (n: number) => string;
  hint?: string;
  error: string | undefined;
  change: (n: number) => void;
}

/** One of the usual numbers, or the one that the page has. */
function Choice({ name, label, value, among, say, hint, error, change }: ChoiceProps) {
  const all = among.includes(value) ? among : [...among, value].sort((a, b) => a - b);
  return <SelectField name={name} label={label} value={String(value)} options={all.map((n) => ({ value: String(n), label: say(n) }))} hint={hint} error={error} change={(n) => change(Number(n))} />;
}

/** A span of minutes in the largest unit that it is whole in. */
function useSpan(): (minutes: number) => string {
  const { editor: e } = usePageWords();
  return (n) => (n === 0 ? e.none : n % 1440 === 0 ? e.days(n / 1440) : n % 60 === 0 ? e.hours(n / 60) : e.minutes(n));
}

function Rules({ value: v, errors, change }: Props) {
  const p = usePageWords();
  const span = useSpan();
  const durations = [15, 20, 30, 45, 60, 90, 120];
  return (
    <div class="rule-grid">
      <Choice name="durationMinutes" label={p.settings.durationMinutes} value={v.durationMinutes} among={durations} say={p.editor.minutes} error={errors.durationMinutes} change={(durationMinutes) => change({ durationMinutes })} />
      <Choice name="slotIntervalMinutes" label={p.settings.slotIntervalMinutes} value={v.slotIntervalMinutes} among={[5, 10, 15, 20, 30, 45, 60, 90, 120]} say={p.editor.minutes} error={errors.slotIntervalMinutes} change={(slotIntervalMinutes) => change({ slotIntervalMinutes })} />
      <Choice name="bufferBeforeMinutes" label={p.settings.bufferBeforeMinutes} value={v.bufferBeforeMinutes} among={[0, 5, 10, 15, 30, 60]} say={span} error={errors.bufferBeforeMinutes} change={(bufferBeforeMinutes) => change({ bufferBeforeMinutes })} />
      <Choice name="bufferAfterMinutes" label={p.settings.bufferAfterMinutes} value={v.bufferAfterMinutes} among={[0, 5, 10, 15, 30, 60]} say={span} error={errors.bufferAfterMinutes} change={(bufferAfterMinutes) => change({ bufferAfterMinutes })} />
      <Choice name="minNoticeMinutes" label={p.settings.minNoticeMinutes} value={v.minNoticeMinutes} among={[0, 30, 60, 120, 240, 720, 1440, 2880, 4320, 10080]} say={span} error={errors.minNoticeMinutes} change={(minNoticeMinutes) => change({ minNoticeMinutes })} />
      <Choice name="horizonDays" label={p.settings.horizonDays} value={v.horizonDays} among={[7, 14, 30, 60, 90, 180, 365]} say={p.editor.days} error={errors.horizonDays} change={(horizonDays) => change({ horizonDays })} />
      <Choice name="maxPerDay" label={p.settings.maxPerDay} value={v.maxPerDay} among={[0, 1, 2, 3, 4, 5, 6, 8, 10, 20]} say={(n) => (n === 0 ? p.editor.noLimit : String(n))} error={errors.maxPerDay} change={(maxPerDay) => change({ maxPerDay })} />
      <Choice
        name="changeNoticeMinutes"
        label={p.settings.changeNoticeMinutes}
        value={v.changeNoticeMinutes}
        among={[0, 60, 180, 720, 1440, 2880, 4320, 10080]}
        say={(n) => (n === 0 ? p.editor.untilStart : p.editor.before(span(n)))}
        hint={p.editor.changeNoticeHint}
        error={errors.changeNoticeMinutes}
        change={(changeNoticeMinutes) => change({ changeNoticeMinutes })}
      />
    </div>
  );
}

const keyOf = (ref: CalendarRef) => `${ref.provider} ${ref.id}`;

function CalendarChoice({ value: v, errors, calendars, change }: Props) {
  const p = usePageWords();
  const m = useWords();
  if (!calendars) return <p class="quiet">{m.loading}</p>;
  // "primary" is every Google account's word for its own calendar.
  const known = calendars.calendars.flatMap((c) => (c.provider === "zoom" ? [] : [{ ...c, provider: c.provider, name: c.name || c.id }]));
  const same = (ref: CalendarRef, c: (typeof known)[number]) => ref.provider === c.provider && (ref.id === c.id || (ref.id === "primary" && c.primary));
  const write = known.find((c) => same(v.calendars.write, c));
  const writable = known.filter((c) => c.writable);
  const lost = v.calendars.check.filter((ref) => !known.some((c) => same(ref, c)));
  const error = Object.entries(errors).find(([path]) => path.startsWith("calendars."))?.[1];
  return (
    <>
      {calendars.problems.map((problem) => (
        <p key={problem.provider} class="field-error">
          {p.editor.calendarsProblem(problem.provider === "google" ? "Google" : "Microsoft 365")}
        </p>
      ))}
      {known.length === 0 && (
        <div class="warning">
          <p>{p.editor.calendarsNone}</p>
          <ButtonLink small href="/console/integrations">
            {p.editor.connect}
          </ButtonLink>
        </div>
      )}
      {error && <span class="field-error">{error}</span>}
      {writable.length > 0 && (
        <SelectField
          name="calendars.write"
          label={p.editor.calendarsWrite}
          value={write ? keyOf(write) : ""}
          options={[...(write ? [] : [{ value: "", label: p.editor.calendarsGone }]), ...writable.map((c) => ({ value: keyOf(c), label: `${c.name} (${c.provider === "google" ? "Google" : "Microsoft 365"})` }))]}
          change={(key) => {
            const to = writable.find((c) => keyOf(c) === key);
            if (!to) return;
            const ref: CalendarRef = { provider: to.provider, id: to.id };
            const check = v.calendars.check.some((r) => same(r, to)) ? v.calendars.check : [...v.calendars.check, ref];
            change({ calendars: { write: ref, check } });
          }}
        />
      )}
      {(known.length > 0 || lost.length > 0) && (
        <fieldset class="field">
          <legend>{p.editor.calendarsCheck}</legend>
          {known.map((c) => {
            const on = v.calendars.check.some((r) => same(r, c));
            return (
              <label key={keyOf(c)} class="tick">
                <input
                  type="checkbox"
                  checked={on}
                  onChange={(e) =>
                    change({
                      calendars: {
                        ...v.calendars,
                        check: e.currentTarget.checked ? [...v.calendars.check, { provider: c.provider, id: c.id }] : v.calendars.check.filter((r) => !same(r, c)),
                      },
                    })
                  }
                />
                <span>
                  {c.name} <span class="quiet">{c.provider === "google" ? "Google" : "Microsoft 365"}</span>
                </span>
              </label>
            );
          })}
          {lost.map((ref) => (
            <label key={keyOf(ref)} class="tick">
              <input type="checkbox" checked onChange={() => change({ calendars: { ...v.calendars, check: v.calendars.check.filter((r) => keyOf(r) !== keyOf(ref)) } })} />
              <span>
                {p.editor.calendarsGone} <span class="quiet">{ref.id}</span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
    </>
  );
}

function Reminders({ value: v, errors, change }: Props) {
  const p = usePageWords();
  const span = useSpan();
  const usual = [5, 15, 30, 60, 120, 180, 720, 1440, 2880, 4320, 10080];
  const set = (i: number, minutesBefore: number) => change({ reminders: v.reminders.map((r, n) => (n === i ? { minutesBefore } : r)) });
  return (
    <fieldset class="field">
      <legend>{p.editor.reminders}</legend>
      {v.reminders.length === 0 && <p class="quiet">{p.editor.remindersNone}</p>}
      {v.reminders.map((r, i) => (
        <div key={i} class="reminder">
          <Choice name={`reminders[${i}]`} label={p.editor.reminder(i + 1)} value={r.minutesBefore} among={usual} say={span} error={errors[`reminders[${i}].minutesBefore`]} change={(n) => set(i, n)} />
          <button type="button" class="close" aria-label={p.editor.reminderRemove(i + 1)} onClick={() => change({ reminders: v.reminders.filter((_, n) => n !== i) })}>
            <span aria-hidden="true">×</span>
          </button>
        </div>
      ))}
      {v.reminders.length < 5 && (
        <Button small press={() => change({ reminders: [...v.reminders, { minutesBefore: usual.find((n) => n >= 60 && !v.reminders.some((r) => r.minutesBefore === n)) ?? 5 }] })}>
          {p.editor.reminderAdd}
        </Button>
      )}
    </fieldset>
  );
}

function Logo({ value: v, errors, change }: Props) {
  const p = usePageWords();
  const error = errors["brand.logo"];
  const take = (file: File | undefined, input: HTMLInputElement) => {
    if (!file) return;
    if (file.size > fileLimit) {
      input.setCustomValidity(p.editor.logoTooBig);
      input.reportValidity();
      input.value = "";
      return;
    }
    input.setCustomValidity("");
    const reader = new FileReader();
    reader.onload = () => change({ brand: { ...v.brand, logo: String(reader.result) } });
    reader.readAsDataURL(file);
  };
  return (
    <div class="field">
      <label for="brand-logo">{p.editor.logo}</label>
      {v.brand.logo && <img class="logo" src={v.brand.logo} alt={p.editor.logoNow} />}
      <input id="brand-logo" type="file" accept="image/png,image/jpeg,image/webp,image/svg+xml" aria-invalid={error !== undefined} aria-describedby="brand-logo-hint" onChange={(e) => take(e.currentTarget.files?.[0], e.currentTarget)} />
      <span id="brand-logo-hint" class="hint">
        {p.editor.logoHint}
      </span>
      {error && <span class="field-error">{error}</span>}
      {v.brand.logo && (
        <Button small press={() => change({ brand: { ...v.brand, logo: "" } })}>
          {p.editor.logoRemove}
        </Button>
      )}
    </div>
  );
}
