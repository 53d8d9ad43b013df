// What was deleted or moved outside, and the host's choice what is to become of the
// booking.

import { useState } from "preact/hooks";
import { type HostBooking, messageLimit } from "./api";
import { isGone, type Restoring, waysOf } from "./differences";
import { useConsole, useProfile } from "./frame";
import { useWords } from "./messages";
import { Button, ConfirmDialog, TextField } from "./ui";
import { Icon } from "./ui/icon";
import { momentOf, slotOn, startOn } from "./when";

interface Slot {
  start: string;
  end: string;
}

interface Props {
  booking: HostBooking;
  /** Moves the booking; reports whether that was taken on. */
  reschedule: (start: string, message: string) => Promise<boolean>;
  cancel: () => void;
}

/** What the host is asked about: to go where a part of the booking stands, or to put it right where the booking stands. */
type Asked = { to: Slot; restoring?: Restoring };

export function Differences({ booking: b, reschedule, cancel }: Props) {
  const { locale } = useConsole();
  const { timezone } = useProfile();
  const m = useWords();
  const d = m.booking.differences;
  const [asked, setAsked] = useState<Asked>();
  const { follow, restore } = waysOf(b, Date.now());
  const choosing = restore !== undefined || b.canCancel;
  return (
    <>
      <section class="warning differences" aria-labelledby="differences">
        <h2 id="differences">
          <Icon name="warning" /> {d.heading}
        </h2>
        <ul>
          {b.differences.map((x) => (
            <li key={x.what}>
              <p>{x.gone || !x.start || !x.end ? d.gone[x.what] : d.moved[x.what](slotOn({ start: x.start, end: x.end }, locale))}</p>
              <time class="quiet" dateTime={x.foundAt}>
                {d.noticed(momentOf(x.foundAt, timezone, locale))}
              </time>
            </li>
          ))}
        </ul>
        <p>{choosing ? d.lead : d.leadOver}</p>
        {choosing && (
          <div class="actions">
            {follow.map((slot) => (
              <Button key={slot.start} primary haspopup="dialog" press={() => setAsked({ to: slot })}>
                {d.follow(startOn(slot.start, locale))}
              </Button>
            ))}
            {restore && (
              <Button primary={follow.length === 0} haspopup="dialog" press={() => setAsked({ to: b, restoring: restore })}>
                {d.restore[restore]}
              </Button>
            )}
            {b.canCancel && (
              <Button danger haspopup="dialog" press={cancel}>
                {m.booking.cancel}
              </Button>
            )}
          </div>
        )}
      </section>
      {asked && <Ask booking={b} asked={asked} close={() => setAsked(undefined)} confirmed={(message) => reschedule(asked.to.start, message)} />}
    </>
  );
}

interface AskProps {
  booking: HostBooking;
  asked: Asked;
  close: () => void;
  confirmed: (message: string) => Promise<boolean>;
}

/** Says what will be done, and what the guest will be told. */
function Ask({ booking: b, asked: { to, restoring }, close, confirmed }: AskProps) {
  const { locale } = useConsole();
  const m = useWords();
  const d = m.booking.differences;
  const [message, setMessage] = useState("");
  const newMeeting = isGone(b.differences, "meeting");
  const newEvent = isGone(b.differences, "event");
  const told = restoring === undefined || newMeeting;
  const at = slotOn(to, locale);
  const touched = (what: "meeting" | "event") => restoring === undefined || b.differences.some((x) => x.what === what);
  return (
    <ConfirmDialog
      title={restoring ? d.restoreHeading[restoring] : d.followHeading}
      confirm={restoring ? d.restore[restoring] : m.booking.move.confirm}
      cancel={m.booking.move.keep}
      close={close}
      confirmed={async () => {
        await confirmed(message.trim());
        close();
      }}
    >
      <p class="chosen">
        <time dateTime={to.start}>{at}</time>
      </p>
      <ul class="points">
        {touched("meeting") && <li>{newMeeting ? d.newMeeting : d.meetingTo(at)}</li>}
        {touched("event") && <li>{newEvent ? d.newEvent : d.eventTo(at)}</li>}
        <li>
          <strong>{guestIsTold(restoring === undefined, newMeeting)}</strong>
        </li>
      </ul>
      {told && <TextField name="message" label={m.booking.move.message} most={messageLimit} lines={3} value={message} hint={restoring ? undefined : m.booking.move.messageHint} error={undefined} change={setMessage} />}
    </ConfirmDialog>
  );

  function guestIsTold(newTime: boolean, newLink: boolean): string {
    const { name } = b.guest;
    if (newTime) return newLink ? d.guestNewTimeAndLink(name) : d.guestNewTime(name);
    return newLink ? d.guestNewLink(name) : d.guestNothing(name);
  }
}
