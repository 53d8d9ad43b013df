import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { When } from "../when";
import { type HostBooking, type HostStep, Problem } from "./api";
import { BookingChip } from "./booking-list";
import { followBooking, moving } from "./booking-following";
import { useCopy } from "./clipboard";
import { focusHeading, Screen, useConsole, useProfile } from "./frame";
import { useWords } from "./messages";
import { useRoute } from "./router";
import { Button, ButtonLink, Dialog, Failed, Read, TextField, useDoing, useReading } from "./ui";
import { momentOf, spanIn } from "./when";

export function BookingScreen() {
  const { api } = useConsole();
  const m = useWords();
  const id = useRoute().params.id ?? "";
  const reading = useReading((signal) => api.booking(id, signal), id);
  const booking = reading.value;
  const back = { href: "/console/bookings", text: m.booking.back };
  const [asked, setAsked] = useState<HostBooking>(); // as it was when a change was asked for

  const following = booking && (moving(booking) || asked !== undefined);
  useEffect(() => {
    if (!following) return;
    const aborter = new AbortController();
    followBooking(() => api.booking(id, aborter.signal), reading.put, aborter.signal, asked)
      .then(() => setAsked(undefined))
      .catch(() => undefined); // the screen shows what was last read
    return () => aborter.abort();
  }, [id, following, asked]);

  if (booking) return <Detail booking={booking} following={following === true} back={back} asked={setAsked} />;
  if (reading.error instanceof Problem && reading.error.status === 404) {
    return (
      <Screen heading={m.booking.notFound} lead={m.booking.notFoundLead} back={back}>
        {null}
      </Screen>
    );
  }
  return (
    <Screen heading={m.bookings.heading} back={back}>
      {reading.error !== undefined ? <Failed error={reading.error} again={reading.reload} /> : <Read from={reading} lines={6}>{() => null}</Read>}
    </Screen>
  );
}

interface DetailProps {
  booking: HostBooking;
  following: boolean;
  back: { href: string; text: string };
  asked: (before: HostBooking) => void;
}

function Detail({ booking: b, following, back, asked }: DetailProps) {
  const { api, locale } = useConsole();
  const { timezone } = useProfile();
  const m = useWords();
  const doing = useDoing();
  const copy = useCopy();
  const [cancelling, setCancelling] = useState(false);
  const off = b.status === "cancelled" || b.status === "failed";

  return (
    <Screen heading={m.booking.title(b.guest.name)} back={back} lead={<BookingChip row={b} />}>
      <div class={off ? "struck" : undefined}>
        <When slot={b} timezone={b.timezone} />
      </div>
      {b.cancellation && (
        <section class="mailed" aria-labelledby="cancellation">
          <h2 id="cancellation">{m.booking.wasCancelled[b.cancellation.by]}</h2>
          <time class="quiet" dateTime={b.cancellation.at}>
            {momentOf(b.cancellation.at, timezone, locale)}
          </time>
          {b.cancellation.message && <p class="note">{b.cancellation.message}</p>}
        </section>
      )}
      {(b.needsAttention || b.reasonText) && (
        <section class="alert trouble" aria-labelledby="trouble">
          <h2 id="trouble">{b.needsAttention ? m.booking.attention : m.booking.wrong}</h2>
          {b.reasonText && <p>{b.reasonText}</p>}
          {b.needsAttention && <p>{m.booking.attentionLead}</p>}
          {b.canRetry && (
            <div class="actions">
              <Button
                primary
                busy={following}
                press={async () => {
                  if (await doing(() => api.retryBooking(b.id), m.booking.retried)) asked(b);
                }}
              >
                {m.booking.retry}
              </Button>
            </div>
          )}
        </section>
      )}
      {((b.joinUrl && !off) || b.canCancel) && (
        <div class="actions">
          {b.joinUrl && !off && (
            <ButtonLink primary outside href={b.joinUrl}>
              {m.booking.join}
            </ButtonLink>
          )}
          {b.canCancel && (
            <Button danger haspopup="dialog" press={() => setCancelling(true)}>
              {m.booking.cancel}
            </Button>
          )}
        </div>
      )}

      {b.joinUrl && (
        <Part title={m.booking.meeting}>
          <dl class="summary">
            <Fact term={m.booking.joinUrl}>
              <span class="copyable">
                <a class="wire" href={b.joinUrl} target="_blank" rel="noreferrer">
                  {b.joinUrl}
                </a>
                <button type="button" class="link" aria-label={m.booking.copyJoinUrl} onClick={() => void copy(b.joinUrl ?? "")}>
                  {m.copy}
                </button>
              </span>
            </Fact>
            {b.passcode && (
              <Fact term={m.booking.passcode}>
                <span class="copyable">
                  <span class="wire">{b.passcode}</span>
                  <button type="button" class="link" aria-label={m.booking.copyPasscode} onClick={() => void copy(b.passcode ?? "")}>
                    {m.copy}
                  </button>
                </span>
              </Fact>
            )}
            {b.zoomMeetingId && (
              <Fact term={m.booking.meetingId}>
                <span class="wire">{b.zoomMeetingId}</span>
              </Fact>
            )}
          </dl>
        </Part>
      )}

      <Part title={m.booking.guest}>
        <dl class="summary">
          <Fact term={m.booking.name}>{b.guest.name}</Fact>
          <Fact term={m.booking.email}>
            <a href={`mailto:${b.guest.email}`}>{b.guest.email}</a>
          </Fact>
          {b.guest.company && <Fact term={m.booking.company}>{b.guest.company}</Fact>}
          {b.guest.phone && (
            <Fact term={m.booking.phone}>
              <a href={`tel:${b.guest.phone}`}>{b.guest.phone}</a>
            </Fact>
          )}
          {b.guest.coAttendees && b.guest.coAttendees.length > 0 && <Fact term={m.booking.coAttendees}>{b.guest.coAttendees.join("\n")}</Fact>}
          {b.guest.timezone !== b.timezone && (
            <Fact term={m.booking.guestZone}>
              <time dateTime={b.start}>{spanIn(b, b.guest.timezone, locale)}</time>
              <span class="zone-named">{b.guest.timezone}</span>
            </Fact>
          )}
          <Fact term={m.booking.guestLanguage}>{m.booking.languages[b.guest.locale]}</Fact>
        </dl>
      </Part>

      {(b.answers.length > 0 || b.consent) && (
        <Part title={m.booking.answers}>
          <dl class="summary">
            {b.answers.map(({ label, value }) => (
              <Fact key={label} term={label}>
                {value || m.booking.noAnswer}
              </Fact>
            ))}
            {b.consent && (
              <Fact term={m.booking.consent}>
                {b.consent.text}
                <span class="zone-named">
                  {m.booking.consentVersion(b.consent.version, momentOf(b.consent.at, timezone, locale))}
                  {b.consent.url && (
                    <>
                      {" "}
                      <a href={b.consent.url} target="_blank" rel="noreferrer">
                        {m.booking.consentFull}
                        <span class="unseen">{m.opensOutside}</span>
                      </a>
                    </>
                  )}
                </span>
              </Fact>
            )}
          </dl>
        </Part>
      )}

      <Part title={m.booking.steps}>
        <ol class="steps">
          {b.steps.map((s) => (
            <li key={s.name} data-status={s.status}>
              <span>{s.name in m.booking.stepNames ? m.booking.stepNames[s.name as HostStep] : s.name}</span>
              <span class="step-status">
                {m.booking.stepStatus[s.status]}
                {s.at && s.status !== "waiting" && (
                  <time class="step-at" dateTime={s.at}>
                    {momentOf(s.at, timezone, locale)}
                  </time>
                )}
              </span>
            </li>
          ))}
        </ol>
      </Part>

      <Part title={m.booking.page}>
        <dl class="summary">
          <Fact term={m.booking.page}>
            <a href={`/console/pages/${b.page}`}>{b.title}</a>
          </Fact>
          {b.calendar && (
            <Fact term={m.booking.calendar}>
              {m.providers[b.calendar.provider]}
              {b.calendarUrl && (
                <>
                  {" "}
                  <a href={b.calendarUrl} target="_blank" rel="noreferrer">
                    {m.booking.openEvent}
                    <span class="unseen">{m.opensOutside}</span>
                  </a>
                </>
              )}
            </Fact>
          )}
          <Fact term={m.booking.created}>
            <time dateTime={b.createdAt}>{momentOf(b.createdAt, timezone, locale)}</time>
          </Fact>
        </dl>
      </Part>

      {cancelling && (
        <CancelDialog
          booking={b}
          close={() => setCancelling(false)}
          done={() => {
            setCancelling(false);
            asked(b);
            focusHeading();
          }}
        />
      )}
    </Screen>
  );
}

function CancelDialog({ booking: b, close, done }: { booking: HostBooking; close: () => void; done: () => void }) {
  const { api } = useConsole();
  const m = useWords();
  const doing = useDoing();
  const [message, setMessage] = useState("");
  return (
    <Dialog title={m.booking.cancelHeading} lead={m.booking.cancelLead(b.guest.name)} close={close}>
      <TextField name="message" label={m.booking.message} lines={4} value={message} hint={m.booking.messageHint} error={undefined} change={setMessage} />
      <div class="actions">
        <Button
          danger
          press={async () => {
            if (await doing(() => api.cancelBooking(b.id, message.trim()), m.booking.cancelled)) done();
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

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Fact({ term, children }: { term: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
