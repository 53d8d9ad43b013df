import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Answer, getSlots, type Place, type Slot } from "./api";
import type { PageData } from "./app";
import { coAttendeesOf, halfWidth } from "./details";
import { TextField } from "./field";
import type { Act, Flow } from "./flow";
import { Alert, HostText, ScreenHeading, useFrame } from "./frame";
import { addDays } from "./month";
import { own } from "./own";
import { dateOf, dayAndWeekday, sameInstant, timeSpan } from "./stamp";
import { When, ZoneNamed } from "./when";

interface Props {
  place: Place;
  data: PageData;
  flow: Flow;
  slot: Slot;
  act: (a: Act) => void;
  sendCode: () => Promise<void>;
  send: () => void;
}

export function ConfirmScreen({ place, data, flow, slot, act, sendCode, send }: Props) {
  const { m } = useFrame();
  const { page } = data;
  const { details, sending, notice } = flow;
  const hostSlot = useHostTime(place, data, flow.timezone, slot);
  const given: [string, string][] = [
    [m.confirm.name, details.name],
    [m.confirm.email, halfWidth(details.email)],
    [m.confirm.company, details.company],
    [m.confirm.phone, page.phone === "off" ? "" : halfWidth(details.phone)],
    [m.confirm.coAttendees, coAttendeesOf(details).join("\n")],
  ];
  return (
    <>
      <ScreenHeading of={page.title}>{m.confirm.heading}</ScreenHeading>
      {!flow.sent && <p class="quiet">{m.confirm.lead}</p>}
      {notice?.kind === "refused" && <Alert>{notice.detail}</Alert>}
      {notice?.kind === "unanswered" && <Alert>{m.notice.unanswered}</Alert>}
      <When slot={slot} timezone={flow.timezone} />
      <dl class="summary">
        {hostSlot && (
          <Row label={m.confirm.hostTime}>
            <HostTime slot={hostSlot} timezone={page.timezone} />
          </Row>
        )}
        <Row label={m.confirm.with}>
          <HostText locale={page.locale}>{page.hostName}</HostText>
        </Row>
        <Row label={m.confirm.where}>{m.confirm.whereZoom}</Row>
        {given
          .filter(([, value]) => value.trim())
          .map(([label, value]) => (
            <Row key={label} label={label}>
              {value}
            </Row>
          ))}
        {page.questions.map((q) => {
          const answer = answerText(own(details.answers, q.id), m.confirm.ticked);
          return (
            answer && (
              <Row key={q.id} label={<HostText locale={page.locale}>{q.label}</HostText>}>
                {answer}
              </Row>
            )
          );
        })}
      </dl>
      {page.consent && <p class="quiet">✓ {<HostText locale={page.locale}>{page.consent.text}</HostText>}</p>}
      <p class="mailed">
        {m.confirm.mailed(halfWidth(details.email), coAttendeesOf(details).length)}
        {page.changeNoticeMinutes > 0 && <> {m.confirm.changesUntil(m.duration(page.changeNoticeMinutes))}</>}
      </p>
      {page.verifyEmail && !flow.sent && <CodeField flow={flow} act={act} sendCode={sendCode} />}
      <div class="actions">
        <button type="button" class="button primary" aria-disabled={sending} onClick={() => sending || send()}>
          {sending ? m.confirm.sending : notice?.kind === "unanswered" ? m.confirm.sendAgain : m.confirm.book}
        </button>
        {!flow.sent && (
          <button type="button" class="button" onClick={() => act({ type: "go", screen: "details" })}>
            {m.confirm.edit}
          </button>
        )}
      </div>
    </>
  );
}

/** The code by which the guest shows that the address is theirs. */
function CodeField({ flow, act, sendCode }: Pick<Props, "flow" | "act" | "sendCode">) {
  const { m } = useFrame();
  const { details, codeSentTo, errors } = flow;
  const address = halfWidth(details.email);
  const [asking, setAsking] = useState(false);
  const ask = () => {
    setAsking(true);
    void sendCode().finally(() => setAsking(false));
  };
  useEffect(() => {
    if (codeSentTo !== address) ask();
  }, []);
  return (
    <div class="code">
      <TextField
        name="code"
        label={m.confirm.code}
        hint={codeSentTo === address ? m.confirm.codeSent(address) : m.confirm.codeComing}
        required
        inputMode="numeric"
        autocomplete="one-time-code"
        value={details.code}
        error={errors.code}
        change={(code) => act({ type: "typed", field: "code", details: { ...details, code } })}
      />
      <button type="button" class="link" aria-disabled={asking} onClick={() => asking || ask()}>
        {asking ? m.confirm.codeSending : m.confirm.codeAgain}
      </button>
    </div>
  );
}

function Row({ label, children }: { label: ComponentChildren; children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function HostTime({ slot, timezone }: { slot: Slot; timezone: string }) {
  const { locale } = useFrame();
  return (
    <>
      {dayAndWeekday(dateOf(slot.start), locale)} {timeSpan(slot, locale)} <ZoneNamed timezone={timezone} stamp={slot.start} end={slot.end} />
    </>
  );
}

function answerText(answer: Answer | undefined, ticked: string): string {
  if (answer === true) return ticked;
  return Array.isArray(answer) ? answer.join(", ") : answer ? answer.trim() : "";
}

/** The slot on the host's clock, where that is another than the guest's: as the API says it. */
function useHostTime(place: Place, data: PageData, timezone: string, slot: Slot): Slot | undefined {
  const { language } = useFrame();
  const zone = data.page.timezone;
  const inlined = data.slots.slots.find((s) => sameInstant(s.start, slot.start));
  const [found, setFound] = useState(inlined);
  useEffect(() => {
    if (timezone === zone || inlined) return;
    const leave = new AbortController();
    const date = dateOf(slot.start);
    getSlots(place, { from: addDays(date, -1), to: addDays(date, 1), timezone: zone }, language, leave.signal)
      .then(({ slots }) => setFound(slots.find((s) => sameInstant(s.start, slot.start))))
      .catch(() => undefined); // the guest's own time stands
    return () => leave.abort();
  }, [slot.start, timezone]);
  return timezone === zone ? undefined : found;
}
