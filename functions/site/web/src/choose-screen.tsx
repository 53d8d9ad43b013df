import { useEffect } from "preact/hooks";
import type { Page, Slot } from "./api";
import type { Act, Flow } from "./flow";
import { Alert, ScreenHeading, useFrame } from "./frame";
import { addMonths, firstOf, monthOf } from "./month";
import { MonthGrid } from "./month-grid";
import { firstOpen } from "./openings";
import { dateOf, dayAndWeekday, monthAndYear, offsetOf, shownTwice, timeOfDay } from "./stamp";
import type { Reading } from "./use-openings";
import { ZoneLine } from "./zone-picker";
import { today } from "./zones";

interface Props {
  page: Page;
  flow: Flow;
  act: (a: Act) => void;
  month: string;
  setMonth: (month: string) => void;
  reading: Reading;
}

export function ChooseScreen({ page, flow, act, month, setMonth, reading }: Props) {
  const { m, locale, announce } = useFrame();
  const { openings, state } = reading;
  const first = firstOpen(openings, firstOf(month));
  const firstHere = first !== undefined && monthOf(first) === month ? first : undefined;
  const day = flow.day && monthOf(flow.day) === month && openings.days.has(flow.day) ? flow.day : firstHere;

  useEffect(() => {
    if (state === "loading") announce(m.choose.loading);
    if (state === "ready") {
      const days = [...openings.days.keys()].filter((d) => monthOf(d) === month).length;
      announce(days ? m.choose.loaded(monthAndYear(month, locale), days) : m.choose.monthEmpty(monthAndYear(month, locale)));
    }
  }, [state, month, openings]);

  return (
    <>
      <ScreenHeading of={page.title}>{m.choose.heading}</ScreenHeading>
      {flow.notice?.kind === "taken" && <Alert>{m.notice.taken(startOf(flow.notice.slot, locale))}</Alert>}
      {flow.notice?.kind === "closed" && <Alert>{m.notice.closed}</Alert>}
      <ZoneLine timezone={flow.timezone} choose={(timezone) => act({ type: "zone", timezone })} />
      <div class="choose">
        <MonthGrid
          month={month}
          setMonth={setMonth}
          openings={openings}
          busy={state === "loading"}
          day={day}
          pick={(date) => act({ type: "day", day: date })}
          today={today(flow.timezone)}
        />
        <section class="times" aria-labelledby="times-heading">
          {day ? (
            <Times day={day} slots={openings.days.get(day) ?? []} chosen={flow.slot} pick={(slot) => act({ type: "slot", slot })} />
          ) : state === "ready" ? (
            <NoTimes month={month} first={first} go={setMonth} />
          ) : state === "failed" ? (
            <>
              <Alert>{m.choose.loadFailed}</Alert>
              <button type="button" class="button" onClick={() => reading.again(false)}>
                {m.choose.tryAgain}
              </button>
            </>
          ) : (
            <p class="quiet">{m.choose.loading}</p>
          )}
        </section>
      </div>
    </>
  );
}

const startOf = ({ start }: Slot, locale: string) => `${dayAndWeekday(dateOf(start), locale)} ${timeOfDay(start, locale)}`;

function Times({ day, slots, chosen, pick }: { day: string; slots: readonly Slot[]; chosen: Slot | null; pick: (slot: Slot) => void }) {
  const { m, locale } = useFrame();
  const twice = shownTwice(slots.map((s) => s.start));
  return (
    <>
      <h3 id="times-heading">{m.choose.timesOn(dayAndWeekday(day, locale))}</h3>
      <ul class="times-list">
        {slots.map((s) => (
          <li key={s.start}>
            <button type="button" class="time" aria-current={s.start === chosen?.start ? "true" : undefined} onClick={() => pick(s)}>
              {timeOfDay(s.start, locale)}
              {twice.has(s.start) && <small> {offsetOf(s.start)}</small>}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A month without openings says so, and leads on. */
function NoTimes({ month, first, go }: { month: string; first: string | undefined; go: (month: string) => void }) {
  const { m, locale } = useFrame();
  return (
    <>
      <h3 id="times-heading">{m.choose.monthEmpty(monthAndYear(month, locale))}</h3>
      <button type="button" class="button" onClick={() => go(first ? monthOf(first) : addMonths(month, 1))}>
        {first ? m.choose.goToFirst(dayAndWeekday(first, locale)) : m.choose.goToNextMonth}
      </button>
    </>
  );
}
