import { useLayoutEffect, useRef } from "preact/hooks";
import type { Answer, Page, Slot } from "./api";
import { answerField, coAttendeeField, type Details, type FieldErrors } from "./details";
import { QuestionField, TextField, TickField } from "./field";
import type { Act, Flow } from "./flow";
import { Alert, HostText, ScreenHeading, useFrame } from "./frame";
import { own } from "./own";
import { dateOf, dayAndWeekday, timeSpan } from "./stamp";

interface Props {
  page: Page;
  flow: Flow;
  slot: Slot;
  act: (a: Act) => void;
  review: () => void;
}

export function DetailsScreen({ page, flow, slot, act, review }: Props) {
  const { m, locale } = useFrame();
  const form = useRef<HTMLFormElement>(null);
  const { details, errors } = flow;
  const beforeCheck = useFirstErrorFocused(form, errors);

  const typed = (field: string, change: Partial<Details>) => act({ type: "typed", field, details: { ...details, ...change } });
  const text = (name: "name" | "email" | "company" | "phone") => ({
    name,
    value: details[name],
    error: errors[name],
    change: (value: string) => typed(name, { [name]: value }),
  });
  const wrong = Object.keys(errors).length;
  return (
    <>
      <ScreenHeading of={page.title}>{m.details.heading}</ScreenHeading>
      <p class="chosen">
        <span class="unseen">{m.details.chosen}: </span>
        <strong>{dayAndWeekday(dateOf(slot.start), locale)}</strong> {timeSpan(slot, locale)}{" "}
        <button type="button" class="link" onClick={() => act({ type: "go", screen: "choose" })}>
          {m.details.changeTime}
        </button>
      </p>
      {wrong > 0 && <Alert>{m.notice.fieldsWrong(wrong)}</Alert>}
      <form
        ref={form}
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          beforeCheck();
          review();
        }}
      >
        <TextField {...text("name")} label={m.details.name} hint={m.details.nameHint} required autocomplete="name" />
        <TextField {...text("email")} label={m.details.email} hint={m.details.emailHint} type="email" required autocomplete="email" />
        <TextField {...text("company")} label={m.details.company} autocomplete="organization" />
        {page.phone !== "off" && (
          <TextField {...text("phone")} label={m.details.phone} hint={m.details.phoneHint} type="tel" required={page.phone === "required"} autocomplete="tel" />
        )}
        {page.maxCoAttendees > 0 && (
          <CoAttendees most={page.maxCoAttendees} addresses={details.coAttendees} errors={errors} change={(coAttendees, field) => typed(field, { coAttendees })} />
        )}
        {page.questions.map((q) => (
          <QuestionField
            key={q.id}
            question={q}
            locale={page.locale}
            name={answerField(q.id)}
            value={own(details.answers, q.id)}
            error={errors[answerField(q.id)]}
            change={(value: Answer) => typed(answerField(q.id), { answers: { ...details.answers, [q.id]: value } })}
          />
        ))}
        {page.consent && (
          <TickField
            name="consent"
            label={<HostText locale={page.locale}>{page.consent.text}</HostText>}
            required
            checked={details.consent === page.consent.version}
            error={errors.consent}
            change={(agreed) => typed("consent", { consent: agreed && page.consent ? page.consent.version : "" })}
          >
            {page.consent.url && (
              <a class="link" href={page.consent.url} target="_blank" rel="noopener noreferrer">
                {m.details.consentMore}
              </a>
            )}
          </TickField>
        )}
        <div class="trap" aria-hidden="true">
          <label>
            {m.details.trap}
            <input
              name="website"
              tabIndex={-1}
              autocomplete="off"
              value={details.website}
              onInput={(e) => typed("website", { website: e.currentTarget.value })}
            />
          </label>
        </div>
        <div class="actions">
          <button type="submit" class="button primary">
            {m.details.toConfirm}
          </button>
          <button type="button" class="button" onClick={() => act({ type: "go", screen: "choose" })}>
            {m.back}
          </button>
        </div>
      </form>
    </>
  );
}

interface CoAttendeesProps {
  most: number;
  addresses: string[];
  errors: FieldErrors;
  change: (addresses: string[], field: string) => void;
}

/** Who else comes: a field for each, as many as the guest asks for. */
function CoAttendees({ most, addresses, errors, change }: CoAttendeesProps) {
  const { m } = useFrame();
  const group = useRef<HTMLFieldSetElement>(null);
  const added = useRef(false);
  useLayoutEffect(() => {
    if (added.current) [...(group.current?.querySelectorAll("input") ?? [])].at(-1)?.focus();
    added.current = false;
  }, [addresses.length]);
  return (
    <fieldset ref={group} class="field co-attendees">
      <legend>
        {m.details.coAttendees}
        <span class="tag">{m.optional}</span>
      </legend>
      <span class="hint">{m.details.coAttendeesHint(most)}</span>
      {addresses.map((address, i) => (
        <div key={i} class="co-attendee">
          <TextField
            name={coAttendeeField(i)}
            label={m.details.coAttendee(i + 1)}
            type="email"
            required
            value={address}
            error={errors[coAttendeeField(i)]}
            change={(value) => change(addresses.with(i, value), coAttendeeField(i))}
          />
          <button
            type="button"
            class="link"
            aria-label={m.details.removeCoAttendee(i + 1)}
            onClick={() => change(addresses.toSpliced(i, 1), coAttendeeField(i))}
          >
            {m.details.remove}
          </button>
        </div>
      ))}
      {addresses.length < most && (
        <button
          type="button"
          class="link"
          onClick={() => {
            added.current = true;
            change([...addresses, ""], "");
          }}
        >
          {m.details.addCoAttendee}
        </button>
      )}
    </fieldset>
  );
}

/**
 * Focuses the first wrong field after each check, and on arrival if the server
 * found some; not while the guest is typing. Returns what to call before a check.
 */
function useFirstErrorFocused(form: { current: HTMLFormElement | null }, errors: FieldErrors): () => void {
  const due = useRef(true);
  useLayoutEffect(() => {
    if (!due.current) return;
    due.current = false;
    const field = form.current?.querySelector<HTMLElement>("[aria-invalid=true]");
    (field?.matches("fieldset") ? field.querySelector<HTMLElement>("input") : field)?.focus();
  }, [errors]);
  return () => {
    due.current = true;
  };
}
