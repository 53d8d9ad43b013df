import { useState } from "preact/hooks";
import { type CancelReason, cancelReasons, type HostBooking, messageLimit } from "./api";
import { useConsole } from "./frame";
import { useWords } from "./messages";
import { Button, Dialog, SelectField, TextField, useDoing } from "./ui";

/** Asks before a booking is cancelled: why, and what the guest is to read. */
export function CancelDialog({ booking: b, close, done }: { booking: HostBooking; close: () => void; done: () => void }) {
  const { api } = useConsole();
  const m = useWords();
  const doing = useDoing();
  const [reason, setReason] = useState<CancelReason | "">("");
  const [message, setMessage] = useState("");
  return (
    <Dialog title={m.booking.cancelHeading} lead={m.booking.cancelLead(b.guest.name)} close={close}>
      <SelectField<CancelReason | "">
        name="reason"
        label={
          <>
            {m.booking.reason}
            <span class="tag">{m.optional}</span>
          </>
        }
        value={reason}
        options={[{ value: "", label: m.booking.noReason }, ...cancelReasons.map((value) => ({ value, label: m.booking.reasons[value] }))]}
        hint={m.booking.reasonHint}
        change={setReason}
      />
      <TextField name="message" label={m.booking.message} most={messageLimit} lines={4} value={message} hint={m.booking.messageHint} error={undefined} change={setMessage} />
      <div class="actions">
        <Button
          danger
          press={async () => {
            if (await doing(() => api.cancelBooking(b.id, { reason, message: message.trim() }), m.booking.cancelled)) done();
            else close();
          }}
        >
          {m.booking.cancel}
        </Button>
        <Button press={close}>{m.booking.keep}</Button>
      </div>
    </Dialog>
  );
}
