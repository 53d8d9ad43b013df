// Fields: the guest's own, and those that only hosts meet.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { FieldProblem } from "../api";

export { TextField, TickField } from "../../field";
export { ZoneLine } from "../../zone-picker";

interface Option<V extends string> {
  value: V;
  label: string;
}

interface SelectProps<V extends string> {
  name: string;
  label: ComponentChildren;
  value: V;
  options: readonly Option<V>[];
  change: (value: V) => void;
  hint?: string | undefined;
  error?: string | undefined;
}

const describedBy = (id: string, hint: string | undefined, error: string | undefined) =>
  [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;

function Notes({ id, hint, error }: { id: string; hint: string | undefined; error: string | undefined }) {
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

export function SelectField<V extends string>({ name, label, value, options, change, hint, error }: SelectProps<V>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        name={name}
        value={value}
        aria-invalid={error !== undefined}
        aria-describedby={describedBy(id, hint, error)}
        onChange={(e) => change(e.currentTarget.value as V)}
      >
        {options.map((o) => (
          <option key={o.value} value={o.value}>
            {o.label}
          </option>
        ))}
      </select>
      <Notes id={id} hint={hint} error={error} />
    </div>
  );
}

/** A few choices, all in sight. */
export function RadioField<V extends string>({ name, label, value, options, change, hint, error }: SelectProps<V>) {
  const id = useId();
  return (
    <fieldset class="field" aria-describedby={describedBy(id, hint, error)}>
      <legend>{label}</legend>
      <div class="radios">
        {options.map((o) => (
          <label key={o.value} class="radio">
            <input type="radio" name={name} value={o.value} checked={o.value === value} onChange={() => change(o.value)} />
            <span>{o.label}</span>
          </label>
        ))}
      </div>
      <Notes id={id} hint={hint} error={error} />
    </fieldset>
  );
}

/** The first detail for each field: "weekly.mon[0].to" → words. */
export function byPath(errors: readonly FieldProblem[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { field, detail } of errors) found[field] ??= detail;
  return found;
}

/** Takes the focus to the first field that is marked as wrong. */
export function focusFirstError(form: HTMLElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
