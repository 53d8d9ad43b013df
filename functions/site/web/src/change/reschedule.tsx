import { useEffect, useState } from "preact/hooks";
import { getBooking, Refusal, type Slot, type SlotsAsked } from "../api";
import type { ChangeProps } from "../booking-view";
import { Alert, ScreenHeading, useFrame } from "../frame";
import { recall, remember } from "../memory";
import { monthOf } from "../month";
import { pause } from "../pause";
import { dateOf, moment, sameInstant } from "../stamp";
import { Nearest, TimeChooser } from "../time-chooser";
import { type Reading, useOpenings } from "../use-openings";
import { ZoneNamed } from "../when";
import { getOwnSlots, postReschedule } from "./api";
import { askToMove } from "./asking";
import { useLeaving } from "./leaving";
import { useWords } from "./messages";
import { PresentAndNext } from "./told";

/** Why a time that was chosen cannot be had. */
type Notice = { kind: "taken"; start: string } | { kind: "closed" };

/** What is shown of the days. */
interface Shown {
  month: string;
  day: string | null;
}

const daysOf = (start: string): Shown => ({ month: monthOf(dateOf(start)), day: dateOf(start) });

/** Another time for a booking: choosing it, then comparing it with the present one. */
export function Reschedule(props: ChangeProps) {
  const { booking, token, at, go, changed } = props;
  const { language } = useFrame();
  const place = `reschedule/${booking.id}`;
  const [shown, setShown] = useState<Shown>(() => recall(place) ?? daysOf(at.start ?? booking.start));
  const [notice, setNotice] = useState<Notice>();
  const [lastDate, setLastDate] = useState<string>();
  const [accepting, setAccepting] = useState(true);
  useEffect(() => remember(place, shown), [shown]);

  const slots = async (asked: SlotsAsked, signal?: AbortSignal) => {
    try {
      const answer = await getOwnSlots(booking.id, token, asked, language, signal);
      setLastDate(answer.lastDate);
      setAccepting(answer.accepting);
      return { ...answer, slots: answer.slots.filter((s) => !sameInstant(s.start, booking.start)) };
    } catch (error) {
      if (error instanceof Refusal && !signal?.aborted) changed(error.detail); // it cannot be moved any more
      throw error;
    }
  };
  const reading = useOpenings({ slots, lastDate }, booking.timezone, shown.month, () => undefined);
  const slot = at.start ? found(reading, at.start) : undefined;
  const gone = at.start !== undefined && !slot && reading.state === "ready" && monthOf(dateOf(at.start)) === shown.month;

  const lose = (why: Notice) => {
    setNotice(why);
    go({ change: "reschedule" }, "replace");
  };
  useEffect(() => {
    if (gone) lose({ kind: "closed" });
  }, [gone]);
  useEffect(() => {
    if (at.start && !slot) setShown(daysOf(at.start));
  }, [at.start]);

  if (at.start) {
    return (
      <Compare
        {...props}
        start={at.start}
        slot={slot}
        reading={reading}
        taken={(start) => {
          reading.again(true);
          lose({ kind: "taken", start });
        }}
        closed={() => {
          reading.again(true);
          lose({ kind: "closed" });
        }}
      />
    );
  }
  return (
    <Choose
      {...props}
      accepting={accepting}
      notice={notice}
      shown={shown}
      show={setShown}
      reading={reading}
      pick={(s) => {
        setNotice(undefined);
        setShown(daysOf(s.start));
        go({ change: "reschedule", start: s.start });
      }}
    />
  );
}

const found = ({ openings }: Reading, start: string): Slot | undefined => [...openings.days.values()].flat().find((s) => sameInstant(s.start, start));

interface ChooseProps extends ChangeProps {
  accepting: boolean;
  notice: Notice | undefined;
  shown: Shown;
  show: (shown: Shown) => void;
  reading: Reading;
  pick: (slot: Slot) => void;
}

function Choose({ booking, link, accepting, notice, shown, show, reading, pick }: ChooseProps) {
  const { m, locale } = useFrame();
  const w = useWords();
  return (
    <>
      <ScreenHeading of={booking.title}>{w.choose.heading}</ScreenHeading>
      {notice?.kind === "taken" && (
        <>
          <Alert>{w.choose.taken(moment(notice.start, locale))}</Alert>
          <Nearest openings={reading.openings} to={notice.start} pick={pick} />
        </>
      )}
      {notice?.kind === "closed" && <Alert>{w.choose.closed}</Alert>}
      <p class="chosen">
        <span class="quiet">{w.choose.present}</span>{" "}
        <time dateTime={booking.start}>{moment(booking.start, locale)}</time>
      </p>
      {booking.changeUntil && <p class="quiet date">{m.change.until(moment(booking.changeUntil, locale))}</p>}
      {accepting ? (
        <>
          <TimeChooser
            timezone={booking.timezone}
            month={shown.month}
            setMonth={(month) => show({ month, day: null })}
            reading={reading}
            day={shown.day}
            pickDay={(day) => show({ month: monthOf(day), day })}
            chosen={undefined}
            pick={pick}
          />
          <p>
            <span class="zone-named">{w.choose.zone}</span>
            <ZoneNamed timezone={booking.timezone} stamp={booking.start} />
          </p>
        </>
      ) : (
        <Alert>{w.choose.notAccepting}</Alert>
      )}
      <div class="actions">
        <a class="button" {...link({})}>
          {w.keep}
        </a>
      </div>
    </>
  );
}

interface CompareProps extends ChangeProps {
  start: string;
  slot: Slot | undefined; // undefined until it is known to be open
  reading: Reading;
  taken: (start: string) => void;
  closed: () => void;
}

function Compare({ booking, token, start, slot, reading, link, changed, taken, closed }: CompareProps) {
  const { m, language } = useFrame();
  const w = useWords();
  const [state, setState] = useState<"idle" | "sending" | "waiting" | "unanswered">("idle");
  const [problem, setProblem] = useState("");
  const left = useLeaving();

  const refused = (refusal: Refusal) => {
    if (refusal.code === "slot_taken") taken(start);
    else if (refusal.code === "slot_not_open") closed();
    else if (refusal.status === 409 || refusal.status === 404) return changed(refusal.detail); // the booking is not what it was
    else setProblem(refusal.detail);
    setState("idle");
  };

  const send = async () => {
    setProblem("");
    setState("sending");
    try {
      await askToMove({
        post: () => postReschedule(booking.id, token, start, language),
        read: () => getBooking(booking.id, token, language, left),
        was: booking,
        waiting: () => setState("waiting"),
        wait: (ms) => pause(ms, left),
      });
      changed();
    } catch (error) {
      if (left.aborted) return;
      if (error instanceof Refusal) refused(error);
      else setState("unanswered");
    }
  };

  const busy = state === "sending" || state === "waiting";
  if (!slot) {
    return (
      <>
        <ScreenHeading key="looking" of={booking.title}>
          {w.compare.heading}
        </ScreenHeading>
        {reading.state === "failed" ? (
          <>
            <Alert>{m.choose.loadFailed}</Alert>
            <div class="actions">
              <button type="button" class="button" onClick={() => reading.again(false)}>
                {m.choose.tryAgain}
              </button>
            </div>
          </>
        ) : (
          <p class="quiet">{w.compare.looking}</p>
        )}
      </>
    );
  }
  return (
    <>
      <ScreenHeading of={booking.title}>{w.compare.heading}</ScreenHeading>
      {state === "idle" && !problem && <p class="quiet">{w.compare.lead}</p>}
      {problem && <Alert>{problem}</Alert>}
      {state === "unanswered" && <Alert>{w.unanswered}</Alert>}
      {state === "waiting" && (
        <p class="mailed" role="status">
          {w.compare.waiting}
        </p>
      )}
      <PresentAndNext present={booking} next={slot} timezone={booking.timezone} />
      <p class="mailed">{(booking.joinUrl ? w.compare.what : w.compare.whatNewUrl)(booking.guest.email)}</p>
      <div class="actions">
        <button type="button" class="button primary" aria-disabled={busy} onClick={() => busy || void send()}>
          {state === "sending" ? w.compare.sending : state === "waiting" ? w.compare.waitingShort : state === "unanswered" ? m.confirm.sendAgain : w.compare.go}
        </button>
        <a class="button" {...link({ change: "reschedule" })}>
          {w.compare.other}
        </a>
        <a class="button" {...link({})}>
          {w.keep}
        </a>
      </div>
    </>
  );
}
