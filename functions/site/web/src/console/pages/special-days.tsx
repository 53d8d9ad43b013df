// Days with hours of their own, chosen on a calendar.

import { useRef } from "preact/hooks";
import type { PageSettings, Window } from "../api";
import { useConsole } from "../frame";
import { fullDate } from "../../stamp";
import { Button, DayPicker } from "../ui";
import { usePageWords } from "./messages";
import { DayHours, type Errors } from "./week-hours";

type Overrides = PageSettings["overrides"];

interface Props {
  overrides: Overrides;
  today: string; // in the page's zone
  errors: Errors;
  change: (overrides: Overrides) => void;
}

export function SpecialDays({ overrides, today, errors, change }: Props) {
  const { locale } = useConsole();
  const p = usePageWords();
  const list = useRef<HTMLUListElement>(null);
  const sorted = overrides.map((o, i) => ({ ...o, i })).sort((a, b) => a.date.localeCompare(b.date));
  const set = (i: number, windows: Window[]) => change(overrides.map((o, n) => (n === i ? { ...o, windows } : o)));

  const pick = (date: string) => {
    if (!overrides.some((o) => o.date === date)) change([...overrides, { date, windows: [] }]);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-date="${date}"] button`)?.focus());
  };

  return (
    <div class="special-days">
      <p class="hint">{p.editor.overridesLead}</p>
      <DayPicker today={today} marked={new Set(overrides.map((o) => o.date))} say={p.editor.overrideDay} pick={pick} />
      {sorted.length === 0 && <p class="quiet">{p.editor.overridesNone}</p>}
      <ul ref={list} class="week">
        {sorted.map((o) => {
          const name = fullDate(o.date, locale);
          return (
            <li key={o.date} data-date={o.date} class={o.date < today ? "off" : undefined}>
              <h3>{name}</h3>
              <DayHours name={name} path={`overrides[${o.i}].windows`} windows={o.windows} errors={errors} change={(windows) => set(o.i, windows)}>
                <Button small danger label={p.editor.overrideRemove(name)} press={() => change(overrides.filter((_, n) => n !== o.i))}>
                  ×
                </Button>
              </DayHours>
              {errors[`overrides[${o.i}].date`] && <span class="field-error">{errors[`overrides[${o.i}].date`]}</span>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
