import { useState } from "preact/hooks";
import { type Booking, getInvite } from "./api";
import { Alert, ScreenHeading, useFrame } from "./frame";
import { stepStatus } from "./progress";
import { When } from "./when";

/** A booking that stands: when, where, and what to take along. */
export function Confirmed({ booking, token }: { booking: Booking; token: string }) {
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
      <dl class="summary">
        {booking.joinUrl && <Copyable label={m.result.joinUrl} text={booking.joinUrl} copyLabel={m.result.copyUrl} />}
        {booking.passcode && <Copyable label={m.result.passcode} text={booking.passcode} copyLabel={m.result.copyPasscode} />}
      </dl>
      {booking.note && (
        <section class="note">
          <h3>{m.result.note}</h3>
          {booking.note}
        </section>
      )}
      <div class="actions">
        {booking.joinUrl && (
          <a class="button primary" href={booking.joinUrl} target="_blank" rel="noopener">
            {m.result.join}
          </a>
        )}
        <InviteButton id={booking.id} token={token} />
      </div>
      <p class="quiet">{m.result.keep}</p>
    </>
  );
}

function Copyable({ label, text, copyLabel }: { label: string; text: string; copyLabel: string }) {
  const { m, announce } = useFrame();
  const [said, setSaid] = useState("");
  const say = (words: string) => {
    setSaid(words);
    announce(words);
  };
  return (
    <div>
      <dt>{label}</dt>
      <dd class="copyable">
        <span class="wire">{text}</span>
        <button
          type="button"
          class="link"
          aria-label={copyLabel}
          onClick={() =>
            navigator.clipboard.writeText(text).then(
              () => say(m.result.copied),
              () => say(m.result.copyFailed),
            )
          }
        >
          {said || m.result.copy}
        </button>
      </dd>
    </div>
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
