import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { addressOf, type At, isDue, type Route } from "./address";
import { type Booking, getBooking, type Page } from "./api";
import { Confirmed, type LinkProps } from "./confirmed";
import { Alert, HostText, Logo, ScreenHeading, useFrame } from "./frame";
import type { Language } from "./messages";
import { follow, settled } from "./progress";
import { Progress } from "./progress-screen";
import { moment, sameInstant } from "./stamp";
import { When } from "./when";

interface Props {
  route: Route;
  go: (to: At, how?: "push" | "replace") => void;
  token: string;
  page: Page | null; // where the guest came from it
  locale: Language; // of what the host wrote
}

/** A submitted booking, as it is stored: progress, the result, and what the guest changes of it. */
export function BookingView({ route, go, token, page, locale }: Props) {
  const { m, language, locale: written } = useFrame();
  const id = route.booking ?? "";
  const [booking, setBooking] = useState<Booking>();
  const [missing, setMissing] = useState(false);
  const [lost, setLost] = useState(false);
  const [notice, setNotice] = useState("");
  const [round, setRound] = useState(0);
  const leaving = useRef(false);

  const again = () => setRound((r) => r + 1);
  const seen = (b: Booking) => {
    setLost(false);
    setBooking(b);
    if (leaving.current) go({}, "replace");
    leaving.current = false;
  };
  const onSeen = useRef(seen);
  onSeen.current = seen; // the address is another by the time of an answer

  useEffect(() => {
    const leave = new AbortController();
    follow(
      () => getBooking(id, token, language, leave.signal),
      (b) => onSeen.current(b),
      () => setLost(true),
      leave.signal,
    ).catch(() => leave.signal.aborted || setMissing(true));
    return () => leave.abort();
  }, [id, token, language, round]);

  useEffect(() => {
    const returned = () => document.hidden || again(); // much may have changed meanwhile
    document.addEventListener("visibilitychange", returned);
    return () => document.removeEventListener("visibilitychange", returned);
  }, []);

  // An address whose change was made, or cannot be made any more, is the booking's own.
  const { at } = route;
  const due = booking !== undefined && at.change !== undefined && isDue(booking, at);
  useLayoutEffect(() => {
    if (!booking || !at.change || due) return;
    const late = booking.status === "confirmed" && !booking.move && !booking.canCancel;
    if (late) setNotice(booking.changeUntil ? m.change.over(moment(booking.changeUntil, written)) : m.change.notNow);
    go({}, "replace");
  }, [booking, at.change, due]);
  useEffect(() => {
    if (due) setNotice("");
  }, [due]);

  const known = booking ?? (page && { host: page.hostName, title: page.title });
  const toPage = `/b/${route.host}/${route.page}${languageOf(location.search)}`;
  if (missing) {
    return (
      <div class="booking">
        <Ending heading={m.result.missing} next={{ href: toPage, text: m.result.toPage }}>
          <p class="lead">{m.result.missingLead}</p>
        </Ending>
      </div>
    );
  }
  return (
    <div class="booking">
      <Logo />
      {known && (
        <>
          <p class="about-host">
            <HostText locale={locale}>{known.host}</HostText>
          </p>
          <h1>
            <HostText locale={locale}>{known.title}</HostText>
          </h1>
        </>
      )}
      {notice && <Alert>{notice}</Alert>}
      {booking ? (
        <Standing
          booking={booking}
          token={token}
          locale={locale}
          at={due ? at : {}}
          toPage={toPage}
          go={go}
          link={(to) => ({
            href: addressOf(route, to, location),
            onClick: (e) => {
              if (e.metaKey || e.ctrlKey || e.shiftKey) return; // another tab is asked for
              e.preventDefault();
              go(to);
            },
          })}
          changed={(why = "") => {
            setNotice(why);
            leaving.current = true;
            again();
          }}
        />
      ) : (
        <p class="quiet">{m.result.loading}</p>
      )}
      {lost && (leaving.current || !booking || !settled(booking)) && <Alert>{m.progress.lost}</Alert>}
    </div>
  );
}

/** Of a booking's query, what its page knows too. */
function languageOf(search: string): string {
  const query = new URLSearchParams(search);
  query.delete("start");
  return query.size ? `?${query}` : "";
}

/** What a screen of a change is given. */
export interface ChangeProps {
  booking: Booking;
  token: string;
  at: At;
  go: (to: At, how?: "push" | "replace") => void;
  link: (to: At) => LinkProps;
  /** Leads to the booking's own page as it now is; why: what is to be told there. */
  changed: (why?: string) => void;
}

interface StandingProps extends ChangeProps {
  locale: Language;
  toPage: string;
}

function Standing(props: StandingProps) {
  const { booking, at, toPage } = props;
  const { m } = useFrame();
  const { move, cancellation } = booking;
  const moved = booking.moved && (booking.moved.newUrl || !sameInstant(booking.moved.from, booking.start)) ? booking.moved : undefined;
  const moveFailed = booking.moveFailed?.by === "guest" ? booking.moveFailed : undefined; // of others they heard, if at all, by mail
  const changes = useChanges(!!(at.change ?? move ?? moved ?? moveFailed ?? cancellation));
  const again = { href: toPage, text: m.result.again };
  if (changes === "loading") return <p class="quiet">{m.result.loading}</p>;
  const change = changes === "failed" ? undefined : changes; // without it, what stands is still shown
  if (!change && (at.change || move)) return <NotLoaded booking={booking} />;
  switch (booking.status) {
    case "pending":
      return <Progress booking={booking} />;
    case "confirmed":
      if (change && move) return <change.Moving booking={booking} move={move} />;
      if (change && at.change === "cancel") return <change.CancelScreen {...props} />;
      if (change && at.change === "reschedule") return <change.Reschedule {...props} />;
      return (
        <Confirmed key={booking.revision} {...props}>
          {change && moved ? <change.Moved booking={booking} moved={moved} /> : change && moveFailed && <change.MoveFailed booking={booking} failed={moveFailed} link={props.link} />}
        </Confirmed>
      );
    case "failed":
      return (
        <Ending key="failed" heading={m.result.failed} title={booking.title} booking={booking} next={again}>
          <p class="lead">{m.result.failedLead}</p>
          <p class="lead">{booking.reasonDetail ?? m.result.failedUnknown}</p>
        </Ending>
      );
    case "cancelled":
      return (
        <Ending key="cancelled" heading={m.result.cancelled} title={booking.title} booking={booking} next={again}>
          {change && cancellation ? <change.Cancelled booking={booking} was={cancellation} /> : <p class="lead">{m.result.cancelledLead}</p>}
        </Ending>
      );
  }
}

type Changes = typeof import("./change/change");

/** The screens of a booking's changes, which are loaded once they are needed. */
function useChanges(needed: boolean): Changes | "loading" | "failed" | undefined {
  const [changes, setChanges] = useState<Changes | "failed">();
  useEffect(() => {
    if (needed && !changes) import("./change/change").then(setChanges, () => setChanges("failed"));
  }, [needed]);
  return changes ?? (needed ? "loading" : undefined);
}

/** What is needed did not arrive; all that matters is in the address, so a reload may bring it. */
function NotLoaded({ booking }: { booking: Booking }) {
  const { m } = useFrame();
  return (
    <>
      <When slot={booking} timezone={booking.timezone} />
      <Alert>{m.change.loadFailed}</Alert>
      <div class="actions">
        <button type="button" class="button" onClick={() => location.reload()}>
          {m.change.loadAgain}
        </button>
      </div>
    </>
  );
}

interface EndingProps {
  heading: string;
  title?: string;
  booking?: Booking;
  children: ComponentChildren;
  next: { href: string; text: string };
}

/** Where there is no appointment: why, and the way on. */
function Ending({ heading, title, booking, children, next }: EndingProps) {
  return (
    <>
      <ScreenHeading {...(title !== undefined && { of: title })}>{heading}</ScreenHeading>
      {children}
      {booking && (
        <div class="struck">
          <When slot={booking} timezone={booking.timezone} />
        </div>
      )}
      <div class="actions">
        <a class="button primary" href={next.href}>
          {next.text}
        </a>
      </div>
    </>
  );
}
