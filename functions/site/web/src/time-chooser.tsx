import { useEffect, useState } from "preact/hooks";
import type { Slot } from "./api";
import { Alert, useFrame } from "./frame";
import { addMonths, firstOf, monthOf } from "./month";
import { MonthGrid } from "./month-grid";
import { firstOpen, nearest, type Openings } from "./openings";
import { dayAndWeekday, moment, monthAndYear, offsetOf, shownTwice, timeOfDay } from "./stamp";
import type { Reading } from "./use-openings";
import { today } from "./zones";

interface Props {
  timezone: string;
  month: string;
  setMonth: (month: string) => void;
  reading: Reading;
  day: string | null; // that was asked for
  pickDay: (date: string) => void;
  chosen: string | undefined; // a start
  pick: (slot: Slot) => void;
}

/** A month of days, and the open times of one. */
export function TimeChooser({ timezone, month, setMonth, reading, day: asked, pickDay, chosen, pick }: Props) {
  const { m, locale, announce } = useFrame();
  const { openings, state } = reading;
  const first = firstOpen(openings, firstOf(month));
  const firstHere = first !== undefined && monthOf(first) === month ? first : undefined;
  const day = asked && monthOf(asked) === month && openings.days.has(asked) ? asked : firstHere;

  useEffect(() => {
    if (state === "loading") announce(m.choose.loading);
    if (state === "ready") {
      const days = [...openings.days.keys()].filter((d) => monthOf(d) === month).length;
      announce(days ? m.choose.loaded(monthAndYear(month, locale), days) : m.choose.monthEmpty(monthAndYear(month, locale)));
    }
  }, [state, month, openings]);

  return (
    <div class="choose">
      <MonthGrid
        month={month}
        setMonth={setMonth}
        openings={openings}
        busy={state === "loading"}
        last={monthOf(reading.bounds.to)}
        day={day}
        pick={pickDay}
        today={today(timezone)}
      />
      <section class="times" aria-labelledby="times-heading">
        {day ? (
          <Times day={day} slots={openings.days.get(day) ?? []} chosen={chosen} pick={pick} />
        ) : state === "ready" ? (
          <NoTimes month={month} first={first} reading={reading} go={setMonth} />
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
  );
}

function Times({ day, slots, chosen, pick }: { day: string; slots: readonly Slot[]; chosen: string | undefined; pick: (slot: Slot) => void }) {
  const { m, locale } = useFrame();
  const twice = shownTwice(slots.map((s) => s.start));
  return (
    <>
      <h3 id="times-heading">{m.choose.timesOn(dayAndWeekday(day, locale))}</h3>
      <ul class="times-list">
        {slots.map((s) => (
          <li key={s.start}>
            <button type="button" class="time" aria-current={s.start === chosen ? "true" : undefined} onClick={() => pick(s)}>
              {timeOfDay(s.start, locale)}
              {twice.has(s.start) && <small> {offsetOf(s.start)}</small>}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** How many times are offered for one that is gone. */
const nearestShown = 4;

/** The open times nearest to one that is gone. */
export function Nearest({ openings, to, pick }: { openings: Openings; to: string; pick: (slot: Slot) => void }) {
  const { m, locale } = useFrame();
  const slots = nearest(openings, to, nearestShown);
  if (slots.length === 0) return null;
  return (
    <section class="nearest" aria-labelledby="nearest-heading">
      <h3 id="nearest-heading">{m.choose.nearest}</h3>
      <ul>
        {slots.map((s) => (
          <li key={s.start}>
            <button type="button" class="time" onClick={() => pick(s)}>
              {moment(s.start, locale)}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface NoTimesProps {
  month: string;
  first: string | undefined; // open day after it, where one is known
  reading: Reading;
  go: (month: string) => void;
}

/** A month without openings says so, and leads to the first day that has some. */
function NoTimes({ month, first, reading, go }: NoTimesProps) {
  const { m, locale, announce } = useFrame();
  const [search, setSearch] = useState<"idle" | "searching" | "failed" | "none">("idle");
  const find = async () => {
    setSearch("searching");
    announce(m.choose.searching);
    try {
      const found = first ?? (await reading.search(firstOf(addMonths(month, 1)))) ?? (await reading.search(reading.bounds.from));
      if (found) go(monthOf(found));
      setSearch(found ? "idle" : "none");
    } catch {
      setSearch("failed");
    }
  };
  const until = m.choose.noneUntil(dayAndWeekday(reading.bounds.to, locale));
  return (
    <>
      <h3 id="times-heading">{search === "none" ? until : m.choose.monthEmpty(monthAndYear(month, locale))}</h3>
      {search === "failed" && <Alert>{m.choose.loadFailed}</Alert>}
      {search === "none" ? (
        <p class="quiet">{m.choose.askHost}</p>
      ) : (
        <button type="button" class="button" aria-disabled={search === "searching"} onClick={() => search === "searching" || void find()}>
          {search === "searching" ? m.choose.searching : first ? m.choose.goToFirst(dayAndWeekday(first, locale)) : m.choose.findFirst}
        </button>
      )}
    </>
  );
}
