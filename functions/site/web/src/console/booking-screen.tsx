import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { When } from "../when";
import { type HostBooking, type HostStep, Problem, SignedOut } from "./api";
import { BookingChip } from "./booking-list";
import { followBooking, moving } from "./booking-following";
import { CancelDialog } from "./cancel-dialog";
import { useCopy } from "./clipboard";
import { Differences } from "./difference-card";
import { isGone } from "./differences";
import { focusHeading, Screen, useConsole, useProfile } from "./frame";
import { useWords } from "./messages";
import { Moves } from "./moves";
import { moveRefusal, RescheduleDialog } from "./reschedule-dialog";
import { useRoute } from "./router";
import { Button, ButtonLink, Failed, Read, useDoing, useReading } from "./ui";
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

  if (booking) return <Detail booking={booking} following={following === true} back={back} asked={setAsked} reload={reading.reload} />;
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
  reload: () => void;
}

function Detail({ booking: b, following, back, asked, reload }: DetailProps) {
  const { api, locale, toast } = useConsole();
  const { timezone } = useProfile();
  const m = useWords();
  const doing = useDoing();
  const copy = useCopy();
  const [asking, setAsking] = useState<"cancel" | "reschedule">();
  const off = b.status === "cancelled" || b.status === "failed";
  const meetingGone = isGone(b.differences, "meeting");
  const differing = b.differences.length > 0 && !b.move && !off; // what can be done is offered with what differs

  const changing = () => {
    setAsking(undefined);
    asked(b);
    focusHeading();
  };

  const reschedule = async (start: string, message: string): Promise<boolean> => {
    try {
      await api.rescheduleBooking(b.id, start, message);
      toast(m.booking.move.asked);
      changing();
      return true;
    } catch (error) {
      if (!(error instanceof SignedOut)) toast(moveRefusal(error, m), "wrong");
      reload();
      return false;
    }
  };

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
          {b.cancellation.reason && (
            <p>{m.booking.because(m.booking.reasons[b.cancellation.reason])}</p>
          )}
          {b.cancellation.message && <p class="note">{b.cancellation.message}</p>}
        </section>
      )}
      <Moves booking={b} />
      {differing && <Differences booking={b} reschedule={reschedule} cancel={() => setAsking("cancel")} />}
      {(b.needsAttention || b.reasonText) && (
        <section class="alert trouble" aria-labelledby="trouble">
          <h2 id="trouble">{b.needsAttention ? m.booking.attention : m.booking.wrong}</h2>
          {b.reasonText && <p>{b.reasonText}</p>}
          {b.needsAttention && <p>{m.booking.attentionLead}</p>}
          {b.left.length > 0 && <Left left={b.left} />}
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
      {((b.joinUrl && !off) || b.canReschedule || b.canCancel) && (
        <div class="actions">
          {b.joinUrl && !off && !meetingGone && (
            <ButtonLink primary outside href={b.joinUrl}>
              {m.booking.join}
            </ButtonLink>
          )}
          {b.canReschedule && !b.move && (
            <Button haspopup="dialog" press={() => setAsking("reschedule")}>
              {m.booking.reschedule}
            </Button>
          )}
          {b.canCancel && !differing && (
            <Button danger haspopup="dialog" press={() => setAsking("cancel")}>
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
                <span class="copyable">
                  <span class="wire">{b.zoomMeetingId}</span>
                  {b.zoomUrl && (
                    <a href={b.zoomUrl} target="_blank" rel="noreferrer">
                      {m.booking.openMeeting}
                      <span class="unseen">{m.opensOutside}</span>
                    </a>
                  )}
                </span>
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

      {asking === "reschedule" && <RescheduleDialog booking={b} close={() => setAsking(undefined)} done={changing} stale={reload} />}
      {asking === "cancel" && <CancelDialog booking={b} close={() => setAsking(undefined)} done={changing} />}
    </Screen>
  );
}

/** What could not be taken away outside, and the ways to be rid of it. */
function Left({ left }: { left: HostBooking["left"] }) {
  const m = useWords();
  const w = m.booking.left;
  return (
    <>
      <h3>{w.heading}</h3>
      <p>{w.lead}</p>
      <ul class="points">
        {left.map(({ what, url }) => (
          <li key={what}>
            {w[what]}{" "}
            {url ? (
              <a href={url} target="_blank" rel="noreferrer">
                {w.open[what]}
                <span class="unseen">{m.opensOutside}</span>
              </a>
            ) : (
              <span class="quiet">{w.nowhere}</span>
            )}
          </li>
        ))}
      </ul>
      <p>
        <a href="/console/integrations">{w.connections}</a>
      </p>
    </>
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
