// A form that is sent as a whole: looked over first, then marked where it is
// refused.

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { Alert } from "../../frame";
import { Problem, SignedOut } from "../api";
import { useWords } from "../messages";
import { Button } from "./button";
import { byPath, focusFirstError } from "./field";
import { inWords } from "./states";

type Errors = Record<string, string>; // by field

interface Props {
  /** What can be told to be wrong without asking. */
  check: () => Errors;
  send: () => Promise<void>;
  /** The fields that a refusal is about, where it does not name them itself. */
  about?: (problem: Problem) => Errors | undefined;
  /** The words of the button that sends it. */
  action: string;
  children: (errors: Errors) => ComponentChildren;
}

export function Form({ check, send, about, action, children }: Props) {
  const m = useWords();
  const form = useRef<HTMLFormElement>(null);
  const [errors, setErrors] = useState<Errors>({});
  const [refused, setRefused] = useState<unknown>();
  const [saving, setSaving] = useState(false);

  const mark = (found: Errors) => {
    setErrors(found);
    focusFirstError(form.current);
  };

  const submit = async () => {
    const found = check();
    mark(found);
    setRefused(undefined);
    if (Object.keys(found).length > 0) return;
    setSaving(true);
    try {
      await send();
    } catch (error) {
      if (error instanceof SignedOut) return;
      const problem = error instanceof Problem ? error : undefined;
      const named = problem && (about?.(problem) ?? (problem.errors.length > 0 ? byPath(problem.errors) : undefined));
      if (named) mark(named);
      else setRefused(error);
    } finally {
      setSaving(false);
    }
  };

  const wrong = Object.keys(errors).length;
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (!saving) void submit();
      }}
    >
      {wrong > 0 && <Alert>{m.failed.fields(wrong)}</Alert>}
      {refused !== undefined && <Alert>{inWords(refused, m)}</Alert>}
      {children(errors)}
      <div class="actions">
        <Button submit primary busy={saving}>
          {saving ? m.saving : action}
        </Button>
      </div>
    </form>
  );
}
