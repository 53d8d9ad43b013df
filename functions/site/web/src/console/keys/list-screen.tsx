import { useState } from "preact/hooks";
import { type Key, keyScopes } from "../api";
import { focusHeading, Screen, useConsole, useProfile } from "../frame";
import { Button, ButtonLink, ConfirmDialog, Empty, Read, useDoing, useReading } from "../ui";
import { dateIn, dayOf } from "../when";
import { DocsLink } from "./docs-link";
import { useKeyWords } from "./messages";

export const keysPath = "/console/integrations/keys";

export function ListScreen() {
  const { api } = useConsole();
  const k = useKeyWords();
  const reading = useReading((signal) => api.keys(signal));
  const [revoking, setRevoking] = useState<Key>();
  const list = reading.value;
  const add = (
    <ButtonLink primary href={`${keysPath}/new`}>
      {k.add}
    </ButtonLink>
  );
  return (
    <Screen heading={k.heading} lead={k.lead} back={{ href: "/console/integrations", text: k.back }} actions={list && list.keys.length > 0 && list.keys.length < list.most ? add : undefined}>
      <Read from={reading} lines={4}>
        {({ keys, most }) =>
          keys.length === 0 ? (
            <Empty title={k.empty}>
              <p>{k.emptyLead}</p>
              <ul class="points">
                {k.uses.map((use) => (
                  <li key={use}>{use}</li>
                ))}
              </ul>
              {add}
            </Empty>
          ) : (
            <>
              <ul class="rows api-keys">
                {keys.map((key) => (
                  <li key={key.id}>
                    <Row of={key} revoke={() => setRevoking(key)} />
                  </li>
                ))}
              </ul>
              {keys.length >= most && <p class="quiet">{k.full(most)}</p>}
            </>
          )
        }
      </Read>
      <DocsLink />
      {revoking && (
        <RevokeDialog
          of={revoking}
          close={() => setRevoking(undefined)}
          revoked={() => {
            setRevoking(undefined);
            reading.reload();
            focusHeading();
          }}
        />
      )}
    </Screen>
  );
}

function Row({ of: key, revoke }: { of: Key; revoke: () => void }) {
  const { locale } = useConsole();
  const { timezone } = useProfile();
  const k = useKeyWords();
  const facts = [
    key.lastUsedOn ? k.used(dateIn(key.lastUsedOn, locale)) : k.unused,
    k.made(dayOf(key.createdAt, timezone, locale)),
    key.expiresAt ? k.ends(dayOf(key.expiresAt, timezone, locale)) : k.endless,
  ];
  return (
    <div class="row short">
      <span class="row-main">
        <span class="row-title">{key.name}</span>
        <span class="key-end">
          <code>ysk_…{key.ending}</code>
          {key.expired && (
            <span class="chip" data-tone="wrong">
              {k.expired}
            </span>
          )}
        </span>
        <span class="quiet">{key.scopes.length === keyScopes.length ? k.everything : key.scopes.map((s) => k.scopeNames[s] ?? s).join(" · ")}</span>
        <span class="key-facts quiet">
          {facts.map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </span>
      </span>
      <Button small haspopup="dialog" label={k.revoke.of(key.name)} press={revoke}>
        {k.revoke.go}
      </Button>
    </div>
  );
}

function RevokeDialog({ of: key, close, revoked }: { of: Key; close: () => void; revoked: () => void }) {
  const { api } = useConsole();
  const k = useKeyWords();
  const doing = useDoing();
  return (
    <ConfirmDialog
      title={k.revoke.ask(key.name)}
      confirm={k.revoke.confirm}
      danger
      close={close}
      confirmed={async () => {
        if (await doing(() => api.revokeKey(key.id), k.revoke.done)) revoked();
        else close();
      }}
    >
      <ul class="points">
        {k.revoke.points.map((point) => (
          <li key={point}>{point}</li>
        ))}
        {key.scopes.includes("hooks:write") && <li>{k.revoke.hooksStay}</li>}
      </ul>
    </ConfirmDialog>
  );
}
