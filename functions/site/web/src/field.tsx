import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Answer, Question } from "./api";
import { HostText, useFrame } from "./frame";
import type { Language } from "./messages";

interface Described {
  hint?: string | undefined;
  error: string | undefined;
}

/** Ids of a field's hint and error, for aria-describedby. */
const describedBy = (id: string, { hint, error }: Described) =>
  [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;

function Notes({ id, hint, error }: Described & { id: string }) {
  return (
    <>
      {hint && (
        <span id={`${id}-hint`} class="hint">
          {hint}
        </span>
      )}
      {error && (
        <span id={`${id}-error`} class="field-error">
          {error}
        </span>
      )}
    </>
  );
}

function LabelText({ required, children }: { required: boolean; children: ComponentChildren }) {
  const { m } = useFrame();
  return (
    <>
      {children}
      {!required && <span class="tag">{m.optional}</span>}
    </>
  );
}

interface TextProps extends Described {
  name: string;
  label: ComponentChildren;
  value: string;
  change: (value: string) => void;
  type?: "text" | "email" | "tel";
  lines?: number;
  required?: boolean;
  autocomplete?: string;
  inputMode?: "numeric" | "url";
  most?: number; // characters
}

export function TextField({ name, label, value, change, type = "text", lines = 1, required = false, autocomplete = "off", inputMode, most, ...described }: TextProps) {
  const id = useId();
  const common = {
    id,
    name,
    value,
    required,
    maxLength: most,
    "aria-invalid": described.error !== undefined,
    "aria-describedby": describedBy(id, described),
    onInput: (e: { currentTarget: { value: string } }) => change(e.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={id}>
        <LabelText required={required}>{label}</LabelText>
      </label>
      {lines > 1 ? <textarea {...common} rows={lines} /> : <input {...common} type={type as "text"} autocomplete={autocomplete} inputMode={inputMode} />}
      <Notes id={id} {...described} />
    </div>
  );
}

interface QuestionProps {
  question: Question;
  locale: Language;
  name: string;
  value: Answer | undefined;
  error: string | undefined;
  change: (value: Answer) => void;
}

export function QuestionField(props: QuestionProps) {
  const { question: q, locale, name, value, error, change } = props;
  const label = <HostText locale={locale}>{q.label}</HostText>;
  switch (q.type) {
    case "select":
      return <SelectField {...props} />;
    case "multiselect":
      return <ManyField {...props} />;
    case "checkbox":
      return <TickField name={name} label={label} required={q.required} checked={value === true} error={error} change={change} />;
    default:
      return (
        <TextField
          name={name}
          label={label}
          value={typeof value === "string" ? value : ""}
          error={error}
          change={change}
          required={q.required}
          lines={q.type === "textarea" ? 4 : 1}
        />
      );
  }
}

function SelectField({ question: q, locale, name, value, error, change }: QuestionProps) {
  const { m, language } = useFrame();
  const id = useId();
  return (
    <div class="field">
      <label for={id}>
        <LabelText required={q.required}>
          <HostText locale={locale}>{q.label}</HostText>
        </LabelText>
      </label>
      <select
        id={id}
        name={name}
        required={q.required}
        aria-invalid={error !== undefined}
        aria-describedby={describedBy(id, { error })}
        value={typeof value === "string" ? value : ""}
        onChange={(e) => change(e.currentTarget.value)}
      >
        <option value="">{m.details.pickOne}</option>
        {q.options.map((o) => (
          <option key={o} value={o} lang={locale === language ? undefined : locale}>
            {o}
          </option>
        ))}
      </select>
      <Notes id={id} error={error} />
    </div>
  );
}

function ManyField({ question: q, locale, name, value, error, change }: QuestionProps) {
  const id = useId();
  const chosen = Array.isArray(value) ? value : [];
  return (
    <fieldset class="field" aria-invalid={error !== undefined} aria-describedby={describedBy(id, { error })}>
      <legend>
        <LabelText required={q.required}>
          <HostText locale={locale}>{q.label}</HostText>
        </LabelText>
      </legend>
      {q.options.map((o) => (
        <label key={o} class="tick">
          <input
            type="checkbox"
            name={name}
            value={o}
            checked={chosen.includes(o)}
            onChange={(e) => change(q.options.filter((p) => (p === o ? e.currentTarget.checked : chosen.includes(p))))}
          />
          <HostText locale={locale}>{o}</HostText>
        </label>
      ))}
      <Notes id={id} error={error} />
    </fieldset>
  );
}

interface TickProps {
  name: string;
  label: ComponentChildren;
  required: boolean;
  checked: boolean;
  error: string | undefined;
  change: (checked: boolean) => void;
  children?: ComponentChildren; // below the label
}

export function TickField({ name, label, required, checked, error, change, children }: TickProps) {
  const id = useId();
  return (
    <div class="field">
      <label class="tick">
        <input
          type="checkbox"
          name={name}
          required={required}
          aria-invalid={error !== undefined}
          aria-describedby={describedBy(id, { error })}
          checked={checked}
          onChange={(e) => change(e.currentTarget.checked)}
        />
        <span>
          <LabelText required={required}>{label}</LabelText>
        </span>
      </label>
      {children}
      <Notes id={id} error={error} />
    </div>
  );
}
