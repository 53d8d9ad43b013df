// Days with hours of their own, chosen on a calendar.

import { useRef, useState } from "preact/hooks";
import type { PageSettings, Window } from "../api";
import { useConsole } from "../frame";
import { addMonths, firstWeekday, monthOf, stepByKey, weeksOf } from "../../month";
import { fullDate, monthAndYear, weekdayName } from "../../stamp";
import { Button } from "../ui";
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
      <DayPicker today={today} marked={new Set(overrides.map((o) => o.date))} pick={pick} />
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

/** A month of which every day from today on can be chosen. */
export function DayPicker({ today, marked, picked, pick }: { today: string; marked: ReadonlySet<string>; picked?: string | undefined; pick: (date: string) => void }) {
  const { locale } = useConsole();
  const p = usePageWords();
  const [month, setMonth] = useState(monthOf(picked ?? today));
  const body = useRef<HTMLTableSectionElement>(null);
  const start = firstWeekday(locale);
  const turn = (label: string, mark: string, by: number, off: boolean) => (
    <button type="button" class="turn" aria-label={label} aria-disabled={off} onClick={() => off || setMonth(addMonths(month, by))}>
      <span aria-hidden="true">{mark}</span>
    </button>
  );
  return (
    <div class="month day-picker">
      <div class="month-head">
        {turn(p.editor.previousMonth, "‹", -1, month <= monthOf(today))}
        <h3 aria-live="polite">{monthAndYear(month, locale)}</h3>
        {turn(p.editor.nextMonth, "›", 1, false)}
      </div>
      <table aria-label={monthAndYear(month, locale)}>
        <thead>
          <tr>
            {Array.from({ length: 7 }, (_, i) => (start + i) % 7).map((w) => (
              <th key={w} scope="col" abbr={weekdayName(w, locale, "long")}>
                {weekdayName(w, locale, "short")}
              </th>
            ))}
          </tr>
        </thead>
        <tbody
          ref={body}
          onKeyDown={(e) => {
            const from = (e.target as HTMLElement).dataset.date;
            const to = from && stepByKey(from, e.key, (d) => d >= today);
            if (!to) return;
            e.preventDefault();
            body.current?.querySelector<HTMLElement>(`[data-date="${to}"]`)?.focus();
          }}
        >
          {weeksOf(month, start).map((week) => (
            <tr key={week.find(Boolean)}>
              {week.map((date, i) => (
                <td key={i} aria-current={date === today ? "date" : undefined}>
                  {date && date >= today ? (
                    <button
                      type="button"
                      class={marked.has(date) ? "day special" : "day"}
                      data-date={date}
                      aria-label={p.editor.overrideDay(fullDate(date, locale), marked.has(date))}
                      aria-pressed={picked === undefined ? marked.has(date) : date === picked}
                      onClick={() => pick(date)}
                    >
                      {Number(date.slice(8))}
                    </button>
                  ) : (
                    date && <span class="day">{Number(date.slice(8))}</span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
