import { useRef, useState } from "preact/hooks";
import { addMonths, firstWeekday, monthOf, stepByKey, weeksOf } from "../../month";
import { fullDate, monthAndYear, weekdayName } from "../../stamp";
import { useConsole } from "../frame";
import { useWords } from "../messages";

interface Props {
  today: string;
  marked: ReadonlySet<string>;
  /** The day in words, for screen readers, and whether it is one of the marked. */
  say: (day: string, marked: boolean) => string;
  /** The one day that is chosen; without it the marked ones are. */
  picked?: string | undefined;
  pick: (date: string) => void;
  turned?: (month: string) => void;
}

/** A month of which every day from today on can be chosen. */
export function DayPicker({ today, marked, say, picked, pick, turned }: Props) {
  const { locale } = useConsole();
  const m = useWords();
  const [month, setMonth] = useState(monthOf(picked ?? today));
  const body = useRef<HTMLTableSectionElement>(null);
  const start = firstWeekday(locale);
  const turn = (label: string, mark: string, by: number, off: boolean) => (
    <button
      type="button"
      class="turn"
      aria-label={label}
      aria-disabled={off}
      onClick={() => {
        if (off) return;
        setMonth(addMonths(month, by));
        turned?.(addMonths(month, by));
      }}
    >
      <span aria-hidden="true">{mark}</span>
    </button>
  );
  return (
    <div class="month day-picker">
      <div class="month-head">
        {turn(m.previousMonth, "‹", -1, month <= monthOf(today))}
        <h3 aria-live="polite">{monthAndYear(month, locale)}</h3>
        {turn(m.nextMonth, "›", 1, false)}
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
                      aria-label={say(fullDate(date, locale), marked.has(date))}
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
