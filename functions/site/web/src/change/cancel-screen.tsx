import { useEffect, useState } from "preact/hooks";
import { type CancelReason, Refusal } from "../api";
import type { ChangeProps } from "../booking-view";
import { TextField } from "../field";
import { Alert, ScreenHeading, useFrame } from "../frame";
import { forget, recall, remember } from "../memory";
import { pause } from "../pause";
import { deliver } from "../submission";
import { When } from "../when";
import { postCancel } from "./api";
import { useLeaving } from "./leaving";
import { useWords } from "./messages";

/** What the guest says with a cancellation. */
interface Said {
  reason: CancelReason | "";
  message: string;
}

const longestMessage = 1000;

const reasons: readonly (CancelReason | "")[] = ["", "conflict", "not_needed", "other"];

/** What a cancellation brings about, before it does. */
export function CancelScreen({ booking, token, link, changed }: ChangeProps) {
  const { m, language } = useFrame();
  const w = useWords();
  const place = `cancel/${booking.id}`;
  const [said, setSaid] = useState<Said>(() => recall(place) ?? { reason: "", message: "" });
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState("");
  const [unanswered, setUnanswered] = useState(false);
  const left = useLeaving();
  useEffect(() => remember(place, said), [said]);

  const send = async () => {
    setSending(true);
    setProblem("");
    setUnanswered(false);
    const message = said.message.trim();
    try {
      const body = { ...(said.reason && { reason: said.reason }), ...(message && { message }) };
      await deliver(() => postCancel(booking.id, token, body, language), (ms) => pause(ms, left));
      forget(place);
      changed();
    } catch (error) {
      if (left.aborted) return;
      if (!(error instanceof Refusal)) setUnanswered(true);
      else if (error.status === 409 || error.status === 404) return changed(error.detail); // the booking is not what it was
      else setProblem([error.detail, ...error.fields.map((f) => f.detail)].join(" "));
      setSending(false);
    }
  };

  return (
    <>
      <ScreenHeading of={booking.title}>{w.cancel.heading}</ScreenHeading>
      {problem && <Alert>{problem}</Alert>}
      {unanswered && <Alert>{w.unanswered}</Alert>}
      <When slot={booking} timezone={booking.timezone} />
      <section class="outcome" aria-labelledby="outcome-heading">
        <h3 id="outcome-heading">{w.cancel.what}</h3>
        <ul>
          <li>{w.cancel.slot}</li>
          {booking.joinUrl && <li>{w.cancel.zoom}</li>}
          <li>{w.cancel.mails(booking.guest.email)}</li>
        </ul>
        <p>{w.cancel.final}</p>
      </section>
      {booking.canReschedule && (
        <p class="quiet">
          {w.cancel.rather}{" "}
          <a class="link" {...link({ change: "reschedule" })}>
            {w.cancel.toReschedule}
          </a>
        </p>
      )}
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (!sending) void send();
        }}
      >
        <fieldset class="field">
          <legend>
            {w.cancel.reason}
            <span class="tag">{m.optional}</span>
          </legend>
          {reasons.map((reason) => (
            <label key={reason} class="tick">
              <input type="radio" name="reason" value={reason} checked={said.reason === reason} onChange={() => setSaid({ ...said, reason })} />
              <span>{reason ? w.cancel.reasons[reason] : w.cancel.noReason}</span>
            </label>
          ))}
        </fieldset>
        <TextField
          name="message"
          label={w.cancel.message}
          hint={w.cancel.messageHint}
          lines={4}
          most={longestMessage}
          value={said.message}
          error={undefined}
          change={(message) => setSaid({ ...said, message })}
        />
        <div class="actions">
          <button type="submit" class="button danger" aria-disabled={sending}>
            {sending ? w.cancel.sending : unanswered ? m.confirm.sendAgain : w.cancel.go}
          </button>
          <a class="button" {...link({})}>
            {w.keep}
          </a>
        </div>
      </form>
    </>
  );
}
