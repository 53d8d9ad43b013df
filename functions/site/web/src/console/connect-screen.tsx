// Before the provider asks for consent: what will be asked for, and why.

import { useState } from "preact/hooks";
import { Alert } from "../frame";
import { type Provider, providers, SignedOut } from "./api";
import { useShownAgain } from "./back";
import { Screen, useConsole } from "./frame";
import { leaveFor } from "./integrations-screen";
import { useWords } from "./messages";
import type { Asked } from "./messages/en";
import { NotFound } from "./not-found";
import { useRoute } from "./router";
import { Button, ButtonLink, inWords, useReading } from "./ui";

export function ConnectScreen() {
  const provider = useRoute().params.provider as Provider | undefined;
  if (!provider || !providers.includes(provider)) return <NotFound />;
  return <BeforeConsent key={provider} provider={provider} />;
}

function BeforeConsent({ provider }: { provider: Provider }) {
  const { api } = useConsole();
  const m = useWords();
  const [going, setGoing] = useState(false);
  const [refused, setRefused] = useState<unknown>();
  useShownAgain(() => setGoing(false));
  const connections = useReading((signal) => api.connections(signal));
  const connection = connections.value?.find((c) => c.provider === provider);
  const asked = m.connect.asked[provider];

  const go = async () => {
    setGoing(true);
    setRefused(undefined);
    try {
      leaveFor(await api.connect(provider));
    } catch (error) {
      setGoing(false);
      if (!(error instanceof SignedOut)) setRefused(error);
    }
  };

  return (
    <Screen heading={m.connect.heading(provider)} lead={m.connect.lead(provider)} back={{ href: "/console/integrations", text: m.connect.back }}>
      {connection?.status === "connected" && connection.account && <p class="mailed">{m.connect.already(provider, connection.account)}</p>}
      <AskedList heading={m.connect.reads} items={asked.reads} />
      <AskedList heading={m.connect.manages} items={asked.manages} />
      <section class="asked">
        <h2>{m.connect.limits}</h2>
        <ul class="points">
          {asked.limits.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </section>
      {provider === "zoom" && (
        <p class="mailed">
          {m.connect.approvalHint} <a href="/console/integrations/zoom/approval">{m.connect.approvalLink}</a>
        </p>
      )}
      <p class="quiet">{m.connect.kept}</p>
      {refused !== undefined && <Alert>{inWords(refused, m)}</Alert>}
      {connection && !connection.available ? (
        <Alert>{m.integrations.unavailable}</Alert>
      ) : (
        <div class="actions">
          <Button primary busy={going} press={() => void go()}>
            {going ? m.connect.going(provider) : m.connect.go(provider)}
          </Button>
          <ButtonLink href="/console/integrations">{m.cancel}</ButtonLink>
        </div>
      )}
    </Screen>
  );
}

function AskedList({ heading, items }: { heading: string; items: readonly Asked[] }) {
  const m = useWords();
  return (
    <section class="asked">
      <h2>{heading}</h2>
      <ul>
        {items.map(({ title, text, scopes }) => (
          <li key={title}>
            <h3>{title}</h3>
            <p>{text}</p>
            <p class="scopes">
              <span class="unseen">{m.connect.scopes}: </span>
              {scopes.map((s) => (
                <code key={s}>{s}</code>
              ))}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
