// Another time for a booking: any to come that no other booking holds, with what the
// page would offer that day for quick picks.

import { useId, useRef, useState } from "preact/hooks";
import { Alert } from "../frame";
import { addDays, firstOf, lastOf, monthOf } from "../month";
import { dateOf, fullDate, offsetOf, sameInstant, timeOfDay } from "../stamp";
import { ZoneNamed } from "../when";
import { cityOf, today, zoneName } from "../zones";
import { type HostBooking, messageLimit, type PageSettings, type Preview, Problem, SignedOut } from "./api";
import { type Choice, choicesAt, everyStep, offered } from "./free-times";
import { useConsole } from "./frame";
import { type ConsoleMessages, useWords } from "./messages";
import { minutesOf, step, tidyClock } from "./pages/hours";
import { Busy, Button, DayPicker, Dialog, focusFirstError, inWords, Read, type Reading, SelectField, TextField, useReading } from "./ui";
import { slotOn, spanIn } from "./when";

/** What a refused change of a booking says to its host. */
export function moveRefusal(error: unknown, m: ConsoleMessages): string {
  return (error instanceof Problem && m.booking.move.refused[error.code]) || inWords(error, m);
}

interface Props {
  booking: HostBooking;
  close: () => void;
  /** The move was taken on. */
  done: () => void;
  /** The booking is not as it was shown. */
  stale: () => void;
}

export function RescheduleDialog(props: Props) {
  const { booking: b, close } = props;
  const { api } = useConsole();
  const m = useWords();
  const page = useReading(async (signal) => {
    try {
      return { settings: (await api.page(b.page, signal)).body };
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return {};
      throw error;
    }
  }, b.page);
  return (
    <Dialog title={m.booking.move.heading} lead={m.booking.move.lead(b.guest.name)} close={close} wide>
      <Read from={page} lines={6}>
        {({ settings }) => <Choosing {...props} settings={settings} />}
      </Read>
    </Dialog>
  );
}

type Note = keyof ConsoleMessages["booking"]["move"]["notes"];

/** What cannot be chosen. */
const refused: readonly Note[] = ["booked", "past", "same", "skipped", "notInFives", "malformed"];

function Choosing({ booking: b, settings, close, done, stale }: Props & { settings: PageSettings | undefined }) {
  const { api, locale, toast } = useConsole();
  const m = useWords();
  const w = m.booking.move;
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const now = today(b.timezone);
  const at = dateOf(b.start);
  const [date, setDate] = useState(at < now ? now : at);
  const [month, setMonth] = useState(monthOf(date));
  const [clock, setClock] = useState(b.start.slice(11, 16));
  const [picked, setPicked] = useState<string>(); // the start itself, of two times of day that are the same
  const [message, setMessage] = useState("");
  const [tried, setTried] = useState(false);
  const [moving, setMoving] = useState(false);
  const [failure, setFailure] = useState<unknown>();

  const day = useReading((signal) => api.preview({ page: everyStep(b.timezone, settings?.calendars), from: date, to: date, date }, signal), date);
  const open = useOpenTimes(b, settings, month);
  const steps = day.value?.day?.slots;
  const openThatDay = steps && open.value ? offered(steps, open.value.slots, date) : undefined;
  const choices = steps ? choicesAt(steps, tidyClock(clock), b) : [];
  const chosen = choices.find((c) => c.start === picked) ?? choices[0];
  const note = steps && noteOn(clock, chosen, b, openThatDay ?? []);
  const wrong = note !== undefined && refused.includes(note);

  const choose = (start: string) => {
    setPicked(start);
    setClock(start.slice(11, 16));
  };

  const submit = async () => {
    setTried(true);
    setFailure(undefined);
    if (!chosen || wrong) {
      focusFirstError(form.current);
      return;
    }
    setMoving(true);
    try {
      await api.rescheduleBooking(b.id, chosen.start, message.trim());
      toast(w.asked);
      done();
    } catch (error) {
      setMoving(false);
      if (error instanceof SignedOut) return;
      setFailure(error);
      if (error instanceof Problem && (error.code === "booking_changing" || error.code === "not_reschedulable")) stale();
    }
  };

  return (
    <form
      ref={form}
      class="reschedule"
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        if (!moving) void submit();
      }}
    >
      {failure !== undefined && <Alert>{moveRefusal(failure, m)}</Alert>}
      <div class="reschedule-when">
        <DayPicker today={now} marked={openDays(open.value, b.timezone)} say={w.dayOf} picked={date} pick={setDate} turned={setMonth} />
        <div class="reschedule-times">
          <h3 class="reschedule-day">{fullDate(date, locale)}</h3>
          {settings ? <OpenTimes from={open} times={openThatDay} chosen={chosen} choose={choose} /> : <p class="quiet">{w.pageGone}</p>}
          <div class="field">
            <label for={`${id}-time`}>{w.time}</label>
            <input
              id={`${id}-time`}
              name="time"
              class="clock"
              type="text"
              inputMode="numeric"
              autocomplete="off"
              maxLength={8}
              aria-invalid={tried && wrong}
              aria-describedby={`${id}-hint ${id}-note`}
              value={clock}
              onInput={(e) => setClock(e.currentTarget.value)}
              onBlur={(e) => setClock(tidyClock(e.currentTarget.value))}
            />
            <span id={`${id}-hint`} class="hint">
              {w.timeHint(zoneName(b.timezone, locale))}
            </span>
            <span id={`${id}-note`} role="status" class={wrong && (tried || note === "booked" || note === "past") ? "field-error" : "time-note"}>
              {note && w.notes[note]}
            </span>
          </div>
          {choices.length > 1 && (
            <SelectField
              name="which"
              label={w.which}
              value={chosen?.start ?? ""}
              options={choices.map((c) => ({ value: c.start, label: `${timeOfDay(c.start, locale)} (${offsetOf(c.start)})` }))}
              change={setPicked}
            />
          )}
          {settings && <Why key={date} page={forBooking(settings, b)} date={date} other={settings.timezone !== b.timezone} />}
        </div>
      </div>
      <dl class="summary before-after">
        <div>
          <dt>{w.before}</dt>
          <dd>{slotOn(b, locale)}</dd>
        </div>
        <div>
          <dt>{w.after}</dt>
          <dd>
            {chosen && !wrong ? (
              <>
                <strong>{slotOn(chosen, locale)}</strong>
                <ZoneNamed timezone={b.timezone} stamp={chosen.start} end={chosen.end} />
                {b.guest.timezone !== b.timezone && (
                  <span class="zone-named">
                    {w.guestSees}: {spanIn(chosen, b.guest.timezone, locale)} ({cityOf(b.guest.timezone)})
                  </span>
                )}
              </>
            ) : (
              <span class="quiet">{w.afterNone}</span>
            )}
          </dd>
        </div>
      </dl>
      <TextField name="message" label={w.message} most={messageLimit} lines={3} value={message} hint={w.messageHint} error={undefined} change={setMessage} />
      <div class="actions">
        <Button submit primary busy={moving}>
          {w.confirm}
        </Button>
        <Button press={close}>{w.keep}</Button>
      </div>
    </form>
  );
}

/** What is to be said of the time that was typed. */
function noteOn(clock: string, chosen: Choice | undefined, b: HostBooking, open: readonly string[]): Note {
  const minutes = minutesOf(tidyClock(clock));
  if (minutes === undefined) return "malformed";
  if (minutes % step !== 0) return "notInFives";
  if (!chosen) return "skipped";
  if (sameInstant(chosen.start, b.start)) return "same";
  if (chosen.obstacle) return chosen.obstacle;
  return open.some((start) => sameInstant(start, chosen.start)) ? "open" : "outside";
}

/** The page's own times, for a meeting as long as the booking's. */
const forBooking = (page: PageSettings, b: HostBooking): PageSettings => ({ ...page, durationMinutes: (Date.parse(b.end) - Date.parse(b.start)) / 60_000 });

/** The page's open times of a month; a day more on each side, for days elsewhere begin at other times. */
function useOpenTimes(b: HostBooking, settings: PageSettings | undefined, month: string): Reading<Preview> {
  const { api } = useConsole();
  return useReading(
    (signal) =>
      settings
        ? api.preview({ page: forBooking(settings, b), from: addDays(firstOf(month), -1), to: addDays(lastOf(month), 1) }, signal)
        : Promise.resolve({ timezone: b.timezone, slots: [] }),
    month,
  );
}

/** The days on which the page has open times, on the host's calendar. */
function openDays(open: Preview | undefined, timezone: string): ReadonlySet<string> {
  return new Set((open?.slots ?? []).map(({ start }) => (open?.timezone === timezone ? dateOf(start) : today(timezone, new Date(start)))));
}

interface OpenProps {
  from: Reading<Preview>;
  times: readonly string[] | undefined;
  chosen: Choice | undefined;
  choose: (start: string) => void;
}

function OpenTimes({ from, times, chosen, choose }: OpenProps) {
  const { locale } = useConsole();
  const m = useWords();
  if (!times) return from.error === undefined ? <Busy lines={2} /> : <p class="quiet">{inWords(from.error, m)}</p>;
  if (times.length === 0) return <p class="quiet">{m.booking.move.noneOpen}</p>;
  return (
    <>
      <p class="quiet">{m.booking.move.openTimes}</p>
      <ul class="times-list" aria-label={m.booking.move.openTimes}>
        {times.map((start) => (
          <li key={start}>
            <button type="button" class="time" aria-pressed={chosen !== undefined && sameInstant(start, chosen.start)} onClick={() => choose(start)}>
              {timeOfDay(start, locale)}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Why the page's other times of the day are closed, once that is asked. */
function Why({ page, date, other }: { page: PageSettings; date: string; other: boolean }) {
  const { locale } = useConsole();
  const m = useWords();
  const [asked, setAsked] = useState(false);
  return (
    <details class="why-closed" onToggle={(e) => setAsked(e.currentTarget.open)}>
      <summary>{m.booking.move.why}</summary>
      {other && <p class="quiet">{m.booking.move.whyZone(zoneName(page.timezone, locale))}</p>}
      {asked && <Reasons page={page} date={date} />}
    </details>
  );
}

function Reasons({ page, date }: { page: PageSettings; date: string }) {
  const { api, locale } = useConsole();
  const m = useWords();
  const reading = useReading((signal) => api.preview({ page, from: date, to: date, date }, signal), date);
  return (
    <Read from={reading} lines={2}>
      {({ day }) => {
        const closed = day?.slots.filter((s) => !s.open) ?? [];
        if (day?.closed) return <p>{m.closed.days[day.closed] ?? day.closed}</p>;
        if (closed.length === 0) return <p>{m.closed.none}</p>;
        return (
          <ul class="why">
            {closed.map((s) => (
              <li key={s.start}>
                <time dateTime={s.start}>{timeOfDay(s.start, locale)}</time> <span>{m.closed.reasons[s.reason ?? ""] ?? s.reason}</span>
              </li>
            ))}
          </ul>
        );
      }}
    </Read>
  );
}
