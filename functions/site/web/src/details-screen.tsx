import { useLayoutEffect, useRef } from "preact/hooks";
import type { Answer, Page, Slot } from "./api";
import { answerField, type Details, type FieldErrors } from "./details";
import { QuestionField, TextField } from "./field";
import type { Act, Flow } from "./flow";
import { Alert, ScreenHeading, useFrame } from "./frame";
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
        <TextField {...text("name")} label={m.details.name} required autocomplete="name" />
        <TextField {...text("email")} label={m.details.email} hint={m.details.emailHint} type="email" required autocomplete="email" />
        <TextField {...text("company")} label={m.details.company} autocomplete="organization" />
        <TextField {...text("phone")} label={m.details.phone} type="tel" autocomplete="tel" />
        {page.questions.map((q) => (
          <QuestionField
            key={q.id}
            question={q}
            locale={page.locale}
            name={answerField(q.id)}
            value={details.answers[q.id]}
            error={errors[answerField(q.id)]}
            change={(value: Answer) => typed(answerField(q.id), { answers: { ...details.answers, [q.id]: value } })}
          />
        ))}
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
