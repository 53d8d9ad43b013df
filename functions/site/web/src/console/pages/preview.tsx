// What guests would see with settings that need not be saved, and why a time is
// closed: both from the slot engine itself.

import { useEffect, useState } from "preact/hooks";
import { MonthGrid } from "../../month-grid";
import { addMonths, firstOf, lastOf, monthOf } from "../../month";
import { firstOpen, nothingRead, withAnswer } from "../../openings";
import { dateOf, fullDate, timeOfDay } from "../../stamp";
import { type PageSettings, type Preview, Problem, SignedOut } from "../api";
import { useConsole, useProfile } from "../frame";
import { useWords } from "../messages";
import { Busy, DayPicker, inWords } from "../ui";
import { usePageWords } from "./messages";

const typedForMs = 400;

/** The end of what is asked for from a month on: the next one too, where the first slots may be. */
const endOf = (month: string): string => lastOf(addMonths(month, 1));

/** Asks again once the settings have been left alone for a moment. */
function usePreview(page: PageSettings, month: string, date: string | undefined): { preview: Preview | undefined; error: unknown; asking: boolean } {
  const { api } = useConsole();
  const [state, setState] = useState<{ preview: Preview | undefined; error: unknown; asking: boolean }>({ preview: undefined, error: undefined, asking: true });
  const key = JSON.stringify([page.timezone, page.durationMinutes, page.slotIntervalMinutes, page.bufferBeforeMinutes, page.bufferAfterMinutes, page.minNoticeMinutes, page.horizonDays, page.maxPerDay, page.weekly, page.overrides, page.holidays, page.calendars, page.slug, month, date]);
  useEffect(() => {
    const aborter = new AbortController();
    setState((s) => ({ ...s, asking: true }));
    const timer = setTimeout(async () => {
      try {
        const preview = await api.preview({ page, from: firstOf(month), to: endOf(month), ...(date && { date }) }, aborter.signal);
        setState({ preview, error: undefined, asking: false });
      } catch (error) {
        if (!aborter.signal.aborted && !(error instanceof SignedOut)) setState((s) => ({ ...s, error, asking: false }));
      }
    }, typedForMs);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [key]);
  return state;
}

export function PreviewPane({ page, today }: { page: PageSettings; today: string }) {
  const { locale } = useConsole();
  const { name } = useProfile();
  const m = useWords();
  const p = usePageWords();
  const [turned, setTurned] = useState<string>();
  const [picked, setPicked] = useState<string>();
  const [asked, setAsked] = useState<string>();
  const from = turned ?? monthOf(today);
  const { preview, error, asking } = usePreview(page, from, asked);
  const openings = preview ? withAnswer(nothingRead(preview.timezone), { timezone: preview.timezone, durationMinutes: page.durationMinutes, slots: preview.slots }, firstOf(from), endOf(from)) : nothingRead(page.timezone);
  const first = firstOpen(openings, firstOf(from));
  const month = turned ?? monthOf(first ?? today);
  const day = picked && monthOf(picked) === month && openings.days.has(picked) ? picked : first && monthOf(first) === month ? first : undefined;
  const times = (day && openings.days.get(day)) || [];

  return (
    <div class="preview">
      <p class="hint">{p.preview.lead}</p>
      {error !== undefined && <p class="field-error">{error instanceof Problem && error.code === "validation_failed" ? p.preview.wrong : inWords(error, m)}</p>}
      <div class="phone" aria-busy={asking}>
        <p class="about-host">{name}</p>
        <p class="phone-title">{page.title}</p>
        <p class="quiet">
          {p.editor.minutes(page.durationMinutes)} · {p.editor.platform}
        </p>
        {page.description && <p class="phone-text">{page.description}</p>}
        {preview ? (
          <>
            <MonthGrid month={month} setMonth={setTurned} openings={openings} busy={asking} last="9999-12" day={day} pick={setPicked} today={today} />
            {!day ? (
              <p class="quiet">{p.preview.noMonth}</p>
            ) : (
              <>
                <p class="phone-day">{fullDate(day, locale)}</p>
                <ul class="phone-times">
                  {times.map((slot) => (
                    <li key={slot.start}>{timeOfDay(slot.start, locale)}</li>
                  ))}
                </ul>
              </>
            )}
          </>
        ) : (
          error === undefined && <Busy lines={4} />
        )}
      </div>
      <h3>{p.preview.why}</h3>
      <DayPicker today={today} marked={new Set()} say={(day) => day} picked={asked} pick={setAsked} />
      <div role="status">{asked && preview?.day && <Why day={preview.day} locale={locale} />}</div>
    </div>
  );
}

function Why({ day, locale }: { day: NonNullable<Preview["day"]>; locale: string }) {
  const m = useWords();
  const p = usePageWords();
  return (
    <>
      <h4>{fullDate(day.date, locale)}</h4>
      {day.closed && <p>{m.closed.days[day.closed] ?? day.closed}</p>}
      <ul class="why">
        {day.slots.map((s) => (
          <li key={s.start} class={s.open ? "open" : undefined}>
            <time dateTime={s.start}>{timeOfDay(s.start, locale)}</time> <span>{s.open ? p.preview.open : (m.closed.reasons[s.reason ?? ""] ?? s.reason)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Today in a zone, as "2026-12-01". */
export function todayIn(timezone: string): string {
  try {
    return new Intl.DateTimeFormat("en-CA", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit", calendar: "gregory", numberingSystem: "latn" }).format(new Date());
  } catch {
    return dateOf(new Date().toISOString()); // a zone that this browser does not know
  }
}
