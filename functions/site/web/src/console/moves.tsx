// What is told of a booking's last move: under way, come about, or not.

import type { HostBooking } from "./api";
import { sameInstant } from "../stamp";
import { useConsole, useProfile } from "./frame";
import { useWords } from "./messages";
import { ButtonLink } from "./ui";
import { momentOf, slotOn, startOn } from "./when";

export function Moves({ booking: b }: { booking: HostBooking }) {
  if (b.move) return <UnderWay booking={b} move={b.move} />;
  if (b.moveFailed) return <DidNotMove booking={b} failed={b.moveFailed} />;
  if (b.moved && b.status === "confirmed") return <HasMoved booking={b} moved={b.moved} />;
  return null;
}

function UnderWay({ booking: b, move }: { booking: HostBooking; move: NonNullable<HostBooking["move"]> }) {
  const { locale } = useConsole();
  const m = useWords();
  const elsewhere = !sameInstant(move.start, b.start);
  const undoing = move.steps.some((s) => s.status === "undone" || s.status === "failed");
  return (
    <section class="outcome" data-tone="good" aria-labelledby="move">
      <h2 id="move">{elsewhere ? m.booking.move.underWay : m.booking.move.restoring}</h2>
      {elsewhere && (
        <p>
          <time dateTime={move.start}>{slotOn(move, locale)}</time>
        </p>
      )}
      <p class="quiet" role="status">
        {undoing ? m.booking.move.undoing : m.booking.move.underWayLead}
      </p>
      <ol class="steps">
        {move.steps.map((s) => (
          <li key={s.name} data-status={s.status}>
            <span>{m.booking.move.steps[s.name] ?? s.name}</span>
            <span class="step-status">{m.booking.stepStatus[s.status]}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function DidNotMove({ booking: b, failed }: { booking: HostBooking; failed: NonNullable<HostBooking["moveFailed"]> }) {
  const { locale } = useConsole();
  const { timezone } = useProfile();
  const m = useWords();
  const elsewhere = !sameInstant(failed.start, b.start);
  return (
    <section class="alert trouble" aria-labelledby="move">
      <h2 id="move">{elsewhere ? m.booking.move.failed : m.booking.move.restoreFailed}</h2>
      <time class="quiet" dateTime={failed.at}>
        {momentOf(failed.at, timezone, locale)}
      </time>
      <p>{m.booking.move.failedReasons[failed.reason] ?? failed.reasonDetail}</p>
      {elsewhere && <p>{m.booking.move.failedLead(startOn(failed.start, locale))}</p>}
      {failed.reason === "host_disconnected" && (
        <div class="actions">
          <ButtonLink small href="/console/integrations">
            {m.booking.left.connections}
          </ButtonLink>
        </div>
      )}
    </section>
  );
}

function HasMoved({ booking: b, moved }: { booking: HostBooking; moved: NonNullable<HostBooking["moved"]> }) {
  const { locale } = useConsole();
  const { timezone } = useProfile();
  const m = useWords();
  const elsewhere = !sameInstant(moved.from, b.start);
  return (
    <section class="mailed" aria-labelledby="move">
      <h2 id="move">{elsewhere ? m.booking.move.moved[moved.by] : m.booking.move.restored}</h2>
      <time class="quiet" dateTime={moved.at}>
        {momentOf(moved.at, timezone, locale)}
      </time>
      {elsewhere && <p>{m.booking.move.movedFrom(startOn(moved.from, locale))}</p>}
      {moved.newUrl && <p>{m.booking.move.newUrl}</p>}
    </section>
  );
}
