import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { At } from "./address";
import { type Booking, getInvite } from "./api";
import { calendarLinks } from "./calendar-links";
import { tellBooked } from "./embed/framed";
import { Alert, HostText, ScreenHeading, useFrame } from "./frame";
import type { Language } from "./messages";
import { stepStatus } from "./progress";
import { moment } from "./stamp";
import { When } from "./when";

interface Props {
  booking: Booking;
  token: string;
  locale: Language;
  link: (to: At) => LinkProps;
  children: ComponentChildren; // what became of a change, instead of the booking's own beginning
}

/** What leads to another address of the booking. */
export interface LinkProps {
  href: string;
  onClick: (e: MouseEvent) => void;
}

/** The booking whose site was told of it. */
let told: string | undefined;

/** A booking that stands: when, where, what to take along, and how to change it. */
export function Confirmed({ booking, token, locale, link, children }: Props) {
  const { m } = useFrame();
  useEffect(() => {
    if (told !== booking.id) tellBooked(booking);
    told = booking.id;
  }, [booking.id]);
  return (
    <>
      {children || <Made booking={booking} />}
      {booking.meetingGone && <Alert>{m.result.meetingGone}</Alert>}
      {booking.joinUrl && (
        <dl class="summary">
          <Copyable label={m.result.joinUrl} text={booking.joinUrl} copyLabel={m.result.copyUrl} />
          {booking.passcode && <Copyable label={m.result.passcode} text={booking.passcode} copyLabel={m.result.copyPasscode} />}
        </dl>
      )}
      {booking.note && (
        <section class="note">
          <h3>{m.result.note}</h3>
          <HostText locale={locale}>{booking.note}</HostText>
        </section>
      )}
      {booking.joinUrl && (
        <div class="actions">
          <a class="button primary" href={booking.joinUrl} target="_blank" rel="noopener">
            {m.result.join}
          </a>
        </div>
      )}
      <section class="take-along" aria-labelledby="calendars-heading">
        <h3 id="calendars-heading">{m.result.addToCalendar}</h3>
        <ul>
          {calendarLinks(booking, m).map(({ name, href }) => (
            <li key={name}>
              <a class="button" href={href} target="_blank" rel="noopener noreferrer">
                {name}
              </a>
            </li>
          ))}
          {!booking.meetingGone && (
            <li>
              <InviteButton id={booking.id} token={token} />
            </li>
          )}
        </ul>
      </section>
      <Changes booking={booking} link={link} />
      <section class="take-along" aria-labelledby="manage-heading">
        <h3 id="manage-heading">{m.result.manage}</h3>
        <p class="quiet">{m.result.keep}</p>
        <CopyButton text={manageURL(token)} label={m.result.copyManage}>
          {m.result.copyManage}
        </CopyButton>
      </section>
    </>
  );
}

function Made({ booking }: { booking: Booking }) {
  const { m } = useFrame();
  const address = booking.guest.email;
  const mail = stepStatus(booking, "mail");
  return (
    <>
      <ScreenHeading of={booking.title}>{m.result.confirmed}</ScreenHeading>
      <p class="lead">
        {mail === "done" ? m.result.confirmedMailed(address) : mail === "failed" ? m.result.confirmedNoMail : m.result.confirmedLead(address)}
      </p>
      <When slot={booking} timezone={booking.timezone} />
    </>
  );
}

/** What the guest may still change, and until when; or that it is too late. */
function Changes({ booking, link }: Pick<Props, "booking" | "link">) {
  const { m, locale } = useFrame();
  const { canReschedule, canCancel, changeUntil } = booking;
  const may = canReschedule || canCancel;
  if (!may && !(changeUntil && Date.parse(booking.end) > Date.now())) return null;
  return (
    <section class="take-along" aria-labelledby="change-heading">
      <h3 id="change-heading">{m.change.heading}</h3>
      {changeUntil && <p class="quiet date">{(may ? m.change.until : m.change.over)(moment(changeUntil, locale))}</p>}
      {may && (
        <ul>
          {canReschedule && (
            <li>
              <a class="button" {...link({ change: "reschedule" })}>
                {m.change.reschedule}
              </a>
            </li>
          )}
          {canCancel && (
            <li>
              <a class="button" {...link({ change: "cancel" })}>
                {m.change.cancel}
              </a>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

/** The address of this page that shows the booking to whoever has it. */
const manageURL = (token: string) => `${location.origin}${location.pathname}#${token}`;

function Copyable({ label, text, copyLabel }: { label: string; text: string; copyLabel: string }) {
  const { m } = useFrame();
  return (
    <div>
      <dt>{label}</dt>
      <dd class="copyable">
        <span class="wire">{text}</span>
        <CopyButton text={text} label={copyLabel}>
          {m.result.copy}
        </CopyButton>
      </dd>
    </div>
  );
}

function CopyButton({ text, label, children }: { text: string; label: string; children: string }) {
  const { m, announce } = useFrame();
  const [said, setSaid] = useState("");
  const say = (words: string) => {
    setSaid(words);
    announce(words);
  };
  return (
    <button
      type="button"
      class="link"
      aria-label={said ? undefined : label}
      onClick={() =>
        navigator.clipboard.writeText(text).then(
          () => say(m.result.copied),
          () => say(m.result.copyFailed),
        )
      }
    >
      {said || children}
    </button>
  );
}

/** The invitation is read with the guest's token, so it is fetched and then saved. */
function InviteButton({ id, token }: { id: string; token: string }) {
  const { m, language } = useFrame();
  const [failed, setFailed] = useState(false);
  const save = async () => {
    setFailed(false);
    try {
      const url = URL.createObjectURL(await getInvite(id, token, language));
      const a = document.createElement("a");
      a.href = url;
      a.download = "invite.ics";
      a.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch {
      setFailed(true);
    }
  };
  return (
    <>
      <button type="button" class="button" onClick={save}>
        {m.result.invite}
      </button>
      {failed && <Alert>{m.result.inviteFailed}</Alert>}
    </>
  );
}
