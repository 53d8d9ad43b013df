// What a guest is told of a change of their booking: while it is made, and after.

import type { At } from "../address";
import type { Booking, Move, Slot, StepName, StepStatus } from "../api";
import type { LinkProps } from "../confirmed";
import { Alert, ScreenHeading, useFrame } from "../frame";
import { stepStatus } from "../progress";
import { Steps } from "../progress-screen";
import { moment, sameInstant } from "../stamp";
import { When } from "../when";
import { useWords } from "./messages";

/** Two times, of which one is to take the other's place. */
export function PresentAndNext({ present, next, timezone }: { present: Slot; next: Slot; timezone: string }) {
  const w = useWords();
  return (
    <dl class="two-times">
      <div class="present">
        <dt>{w.present}</dt>
        <dd>
          <When slot={present} timezone={timezone} />
        </dd>
      </div>
      <div>
        <dt>{w.next}</dt>
        <dd>
          <When slot={next} timezone={timezone} />
        </dd>
      </div>
    </dl>
  );
}

/** A move that is under way, as its steps are recorded. Its hold was the first of them. */
export function Moving({ booking, move }: { booking: Booking; move: Move }) {
  const w = useWords();
  const status = (name: StepName): StepStatus => move.steps.find((s) => s.name === name)?.status ?? "waiting";
  return (
    <>
      <ScreenHeading of={booking.title}>{move.by === "host" ? w.moving.byHost : w.moving.heading}</ScreenHeading>
      <PresentAndNext present={booking} next={move} timezone={booking.timezone} />
      <Steps
        steps={[{ name: "hold", status: "done" }, ...(["meeting", "event", "mail"] as const).map((name) => ({ name, status: status(name) }))]}
        words={w.moving.steps}
        lead={w.moving.lead}
      />
    </>
  );
}

/** A booking that was moved, or whose URL changed where it stands. */
export function Moved({ booking, moved }: { booking: Booking; moved: NonNullable<Booking["moved"]> }) {
  const w = useWords();
  const address = booking.guest.email;
  if (sameInstant(moved.from, booking.start)) {
    return (
      <>
        <ScreenHeading of={booking.title}>{w.moved.newUrl}</ScreenHeading>
        <p class="lead">
          {w.moved.otherLink} {w.moved.newUrlMailed(address)}
        </p>
        <When slot={booking} timezone={booking.timezone} />
      </>
    );
  }
  return (
    <>
      <ScreenHeading of={booking.title}>{moved.by === "host" ? w.moved.byHost : w.moved.heading}</ScreenHeading>
      <p class="lead">
        {w.moved.mailed(address)} {moved.newUrl ? w.moved.otherLink : w.moved.sameLink}
      </p>
      <Former start={moved.from} />
      <When slot={booking} timezone={booking.timezone} />
    </>
  );
}

/** Where the booking stood. */
function Former({ start }: { start: string }) {
  const { locale } = useFrame();
  const w = useWords();
  return (
    <p class="quiet">
      {w.before}: <s class="date">{moment(start, locale)}</s>
    </p>
  );
}

/** A booking whose move did not come about. */
export function MoveFailed({ booking, failed, link }: { booking: Booking; failed: NonNullable<Booking["moveFailed"]>; link: (to: At) => LinkProps }) {
  const { locale } = useFrame();
  const w = useWords();
  return (
    <>
      <ScreenHeading of={booking.title}>{w.failed.heading}</ScreenHeading>
      <Alert>{failed.reasonDetail}</Alert>
      <p class="lead">{w.failed.stands}</p>
      <p class="quiet">
        {w.failed.wanted}: <s class="date">{moment(failed.start, locale)}</s>
      </p>
      <When slot={booking} timezone={booking.timezone} />
      {booking.canReschedule && (
        <div class="actions">
          <a class="button" {...link({ change: "reschedule" })}>
            {w.failed.again}
          </a>
        </div>
      )}
    </>
  );
}

/** By whom a booking was cancelled, and why. */
export function Cancelled({ booking, was }: { booking: Booking; was: NonNullable<Booking["cancellation"]> }) {
  const { m, locale } = useFrame();
  const w = useWords();
  const address = booking.guest.email;
  const mailed = stepStatus(booking, "mail") === "done";
  return (
    <>
      <p class="lead">{was.by === "host" ? w.cancelled.byHost(booking.host) : (mailed ? w.cancelled.byGuestMailed : w.cancelled.byGuest)(address)}</p>
      <dl class="summary">
        {was.reason && (
          <div>
            <dt>{w.cancelled.reason}</dt>
            <dd>{w.cancelled.reasons[was.reason]}</dd>
          </div>
        )}
        {was.message && (
          <div>
            <dt>{w.cancelled.message}</dt>
            <dd>{was.message}</dd>
          </div>
        )}
        <div>
          <dt>{w.cancelled.at}</dt>
          <dd class="date">{moment(was.at, locale)}</dd>
        </div>
      </dl>
      <p class="lead">{m.result.cancelledLead}</p>
    </>
  );
}
