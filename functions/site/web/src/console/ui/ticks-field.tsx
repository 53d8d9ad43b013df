import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Props<T extends string> {
  name: string; // as in the API
  label: string;
  hint?: string;
  options: readonly T[];
  ticked: readonly T[];
  error: string | undefined;
  change: (ticked: T[]) => void;
  words: (option: T) => ComponentChildren;
}

/** Any of several, in the order of the options. */
export function TicksField<T extends string>({ name, label, hint, options, ticked, error, change, words }: Props<T>) {
  const id = useId();
  const describedBy = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <fieldset class="field" aria-describedby={describedBy || undefined}>
      <legend>{label}</legend>
      {hint && (
        <span id={`${id}-hint`} class="hint">
          {hint}
        </span>
      )}
      {options.map((option) => (
        <label key={option} class="tick">
          <input
            type="checkbox"
            name={name}
            aria-invalid={error !== undefined}
            checked={ticked.includes(option)}
            onChange={(e) => change(options.filter((other) => (other === option ? e.currentTarget.checked : ticked.includes(other))))}
          />
          {words(option)}
        </label>
      ))}
      {error && (
        <span id={`${id}-error`} class="field-error">
          {error}
        </span>
      )}
    </fieldset>
  );
}
