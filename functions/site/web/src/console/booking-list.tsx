// Bookings, a day after the other.

import { dayAndWeekday, fullDate, timeSpan } from "../stamp";
import { today } from "../zones";
import type { BookingRow } from "./api";
import { useConsole, useProfile } from "./frame";
import { useWords } from "./messages";
import { byDate } from "./when";

export function BookingList({ rows, level = 2 }: { rows: readonly BookingRow[]; level?: 2 | 3 }) {
  const { locale } = useConsole();
  const { timezone } = useProfile();
  const year = today(timezone).slice(0, 4);
  const Day = level === 2 ? "h2" : "h3";
  return (
    <div class="days">
      {byDate(rows).map(({ date, rows: ofDay }) => (
        <section key={date} class="booking-day">
          <Day>{date.startsWith(year) ? dayAndWeekday(date, locale) : fullDate(date, locale)}</Day>
          <ul class="rows">
            {ofDay.map((row) => (
              <li key={row.id}>
                <BookingLink row={row} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function BookingLink({ row }: { row: BookingRow }) {
  const { locale } = useConsole();
  return (
    <a class={row.status === "cancelled" || row.status === "failed" ? "row off" : "row"} href={`/console/bookings/${encodeURIComponent(row.id)}`}>
      <time class="row-time" dateTime={row.start}>
        {timeSpan(row, locale)}
      </time>
      <span class="row-main">
        <span class="row-title">{row.guest.name}</span>
        <span class="quiet">{[row.guest.company, row.title].filter(Boolean).join(" · ")}</span>
      </span>
      <BookingChip row={row} />
    </a>
  );
}

export function BookingChip({ row }: { row: Pick<BookingRow, "status" | "needsAttention" | "differs"> }) {
  const m = useWords();
  if (row.needsAttention) return <span class="chip" data-tone="wrong">{m.bookings.attention}</span>;
  if (row.differs) return <span class="chip" data-tone="caution">{m.bookings.differs}</span>;
  const tone = { pending: "waiting", confirmed: "good", failed: "wrong", cancelled: "off" }[row.status];
  return (
    <span class="chip" data-tone={tone}>
      {m.bookings.statuses[row.status]}
    </span>
  );
}
