import { useRef } from "preact/hooks";
import { useFrame } from "./frame";
import { addMonths, firstWeekday, monthOf, stepByKey, weeksOf } from "./month";
import type { Openings } from "./openings";
import { fullDate, monthAndYear, weekdayName } from "./stamp";

interface Props {
  month: string;
  setMonth: (month: string) => void;
  openings: Openings;
  busy: boolean;
  last: string; // the last month that may have slots
  day: string | undefined;
  pick: (date: string) => void;
  today: string;
}

export function MonthGrid({ month, setMonth, openings, busy, last, day, pick, today }: Props) {
  const { m, locale } = useFrame();
  const start = firstWeekday(locale);
  const now = monthOf(today);
  const weekdays = Array.from({ length: 7 }, (_, i) => (start + i) % 7);
  return (
    <section class="month" aria-labelledby="month-name" aria-busy={busy}>
      <div class="month-head">
        <Turn label={m.choose.previousMonth} mark="‹" off={month <= now} turn={() => setMonth(addMonths(month, -1))} />
        <h3 id="month-name" aria-live="polite">
          {monthAndYear(month, locale)}
        </h3>
        <Turn label={m.choose.nextMonth} mark="›" off={month >= last} turn={() => setMonth(addMonths(month, 1))} />
      </div>
      <table aria-labelledby="month-name">
        <thead>
          <tr>
            {weekdays.map((w) => (
              <th key={w} scope="col" abbr={weekdayName(w, locale, "long")}>
                {weekdayName(w, locale, "short")}
              </th>
            ))}
          </tr>
        </thead>
        <Days weeks={weeksOf(month, start)} openings={openings} day={day} pick={pick} today={today} />
      </table>
    </section>
  );
}

function Turn({ label, mark, off, turn }: { label: string; mark: string; off: boolean; turn: () => void }) {
  return (
    <button type="button" class="turn" aria-label={label} aria-disabled={off} onClick={() => off || turn()}>
      <span aria-hidden="true">{mark}</span>
    </button>
  );
}

type DaysProps = Pick<Props, "openings" | "day" | "pick" | "today"> & { weeks: (string | null)[][] };

function Days({ weeks, openings, day, pick, today }: DaysProps) {
  const { m, locale } = useFrame();
  const body = useRef<HTMLTableSectionElement>(null);
  const byArrow = (e: KeyboardEvent) => {
    const from = (e.target as HTMLElement).dataset.date;
    const to = from && stepByKey(from, e.key, (d) => openings.days.has(d));
    if (!to) return;
    e.preventDefault();
    body.current?.querySelector<HTMLElement>(`[data-date="${to}"]`)?.focus();
  };
  return (
    <tbody ref={body} onKeyDown={byArrow}>
      {weeks.map((week) => (
        <tr key={week.find(Boolean)}>
          {week.map((date, i) => {
            const slots = date ? openings.days.get(date)?.length : undefined;
            return (
              <td key={i} aria-current={date === today ? "date" : undefined}>
                {date && slots ? (
                  <button
                    type="button"
                    class="day"
                    data-date={date}
                    aria-label={m.choose.dayOpen(fullDate(date, locale), slots)}
                    aria-pressed={date === day}
                    onClick={() => pick(date)}
                  >
                    {Number(date.slice(8))}
                  </button>
                ) : (
                  date && <span class="day">{Number(date.slice(8))}</span>
                )}
              </td>
            );
          })}
        </tr>
      ))}
    </tbody>
  );
}
