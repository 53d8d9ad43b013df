import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { own } from "../own";
import type { Connection } from "./api";
import { ConnectionChip } from "./connection-chip";
import { focusHeading, Screen, useConsole, useProfile } from "./frame";
import { useWords } from "./messages";
import { type Outcome, outcomeOf } from "./outcome";
import { useGo, useLocation } from "./router";
import { Button, ButtonLink, ConfirmDialog, MailAddress, Read, useDoing, useReading } from "./ui";
import { Icon } from "./ui/icon";
import { dayOf, momentOf } from "./when";

export function IntegrationsScreen() {
  const { api } = useConsole();
  const m = useWords();
  const go = useGo();
  const { query } = useLocation();
  const [outcome, setOutcome] = useState(() => outcomeOf(query));
  const connections = useReading((signal) => api.connections(signal));

  // The address says it once: a reload or a bookmark does not say it again.
  useEffect(() => {
    const told = outcomeOf(query);
    if (!told) return;
    setOutcome(told);
    go("/console/integrations", { replace: true });
  }, [query]);

  return (
    <Screen heading={m.integrations.heading} lead={m.integrations.lead}>
      {outcome && <OutcomeNote outcome={outcome} />}
      <Read from={connections} lines={6}>
        {(all) => (
          <ul class="connections">
            {all.map((c) => (
              <li key={c.provider}>
                <ConnectionCard
                  connection={c}
                  changed={() => {
                    setOutcome(undefined);
                    connections.reload();
                  }}
                />
              </li>
            ))}
          </ul>
        )}
      </Read>
      <section class="part" aria-labelledby="notices">
        <h2 id="notices">{m.integrations.notices}</h2>
        <p class="quiet">{m.integrations.noticesLead}</p>
        <div class="actions">
          <ButtonLink href="/console/integrations/notices">{m.integrations.toNotices}</ButtonLink>
        </div>
      </section>
      <section class="part" aria-labelledby="keys">
        <h2 id="keys">{m.integrations.keys}</h2>
        <p class="quiet">{m.integrations.keysLead}</p>
        <div class="actions">
          <ButtonLink href="/console/integrations/keys">{m.integrations.toKeys}</ButtonLink>
        </div>
      </section>
    </Screen>
  );
}

/** What came of the way to the provider. It takes the focus: it is why the host is here. */
function OutcomeNote({ outcome }: { outcome: Outcome }) {
  const m = useWords();
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => ref.current?.focus({ preventScroll: true }), [outcome]);
  if ("connected" in outcome) {
    return (
      <div ref={ref} class="outcome" data-tone="good" tabIndex={-1} role="status">
        <h2>
          <Icon name="done" /> {m.integrations.connected(outcome.connected)}
        </h2>
        <p>{m.integrations.connectedNext[outcome.connected]}</p>
        <p>
          <a href="/console/pages">{m.integrations.toPages}</a>
        </p>
      </div>
    );
  }
  const words = own(m.connect.errors, outcome.error) ?? m.connect.errors.other;
  if (!words) return null;
  return (
    <div ref={ref} class="outcome" data-tone="wrong" tabIndex={-1} role="alert">
      <h2>
        <Icon name="warning" /> {words.title}
      </h2>
      <p>{words.text}</p>
      <div class="actions">
        {words.way === "approval" ? (
          <ButtonLink href="/console/integrations/zoom/approval">{m.connect.toApproval}</ButtonLink>
        ) : (
          <ButtonLink href={`/console/integrations/${outcome.provider}`}>{m.connect.again(outcome.provider)}</ButtonLink>
        )}
      </div>
    </div>
  );
}

function ConnectionCard({ connection: c, changed }: { connection: Connection; changed: () => void }) {
  const { api, locale } = useConsole();
  const { timezone } = useProfile();
  const m = useWords();
  const doing = useDoing();
  const [dropping, setDropping] = useState(false);
  const connected = c.status !== "disconnected";
  const heading = `connection-${c.provider}`;
  return (
    <article class="connection" aria-labelledby={heading} data-available={c.available ? "" : undefined}>
      <header>
        <h2 id={heading}>{m.providers[c.provider]}</h2>
        {c.available && <ConnectionChip connection={c} />}
      </header>
      <p class="quiet">{m.integrations.about[c.provider]}</p>
      {connected && (
        <dl class="summary">
          {c.account && <Fact term={m.integrations.account}><MailAddress>{c.account}</MailAddress></Fact>}
          {c.since && <Fact term={m.integrations.since}><time dateTime={c.since}>{dayOf(c.since, timezone, locale)}</time></Fact>}
          {c.checkedAt && <Fact term={m.integrations.checked}><time dateTime={c.checkedAt}>{momentOf(c.checkedAt, timezone, locale)}</time></Fact>}
        </dl>
      )}
      {c.status === "reauthorize" && <p class="alert">{m.integrations.reauthorize[c.provider]}</p>}
      {connected && c.warnings.map((code) => <Warning key={code} code={code} />)}
      {!c.available && !connected && <p class="quiet">{m.integrations.unavailable}</p>}
      {c.available && !connected && (
        <div class="actions">
          <ButtonLink primary href={`/console/integrations/${c.provider}`} label={m.integrations.connectOf(c.provider)}>
            {m.integrations.connect}
          </ButtonLink>
        </div>
      )}
      {connected && (
        <div class="actions">
          {c.available && c.status === "reauthorize" && (
            <Button primary label={m.integrations.reconnectOf(c.provider)} press={() => doing(async () => leaveFor(await api.connect(c.provider)))}>
              {m.integrations.reconnect}
            </Button>
          )}
          <Button label={m.integrations.disconnectOf(c.provider)} haspopup="dialog" press={() => setDropping(true)}>
            {m.integrations.disconnect}
          </Button>
        </div>
      )}
      {dropping && (
        <ConfirmDialog
          title={m.integrations.drop.heading(c.provider)}
          confirm={m.integrations.drop.confirm}
          danger
          close={() => setDropping(false)}
          confirmed={async () => {
            const done = await doing(() => api.disconnect(c.provider), m.integrations.disconnected(c.provider));
            setDropping(false);
            if (!done) return;
            changed();
            focusHeading();
          }}
        >
          <ul class="points">
            {c.account && <li>{m.integrations.drop.account[c.provider](c.account)}</li>}
            <li>{m.integrations.drop.pages[c.provider]}</li>
            <li>{c.upcomingBookings > 0 ? m.integrations.drop.bookings[c.provider](c.upcomingBookings) : m.integrations.drop.none}</li>
            <li>{m.integrations.drop.again}</li>
          </ul>
        </ConfirmDialog>
      )}
    </article>
  );
}

/** Leaves the console for the provider's consent. */
export function leaveFor(address: string): void {
  location.assign(address);
}

function Fact({ term, children }: { term: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Warning({ code }: { code: string }) {
  const m = useWords();
  const words = m.integrations.warnings[code];
  if (!words) return null;
  return (
    <div class="warning">
      <h3>
        <Icon name="warning" /> {words.title}
      </h3>
      <p>{words.text}</p>
      <p>
        <a href={words.href}>{words.link}</a>
      </p>
    </div>
  );
}
