import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Hook } from "../api";
import { useDraft } from "../draft";
import { focusHeading, Screen, useConsole, useProfile } from "../frame";
import { useWords } from "../messages";
import { useGo, useUnsaved } from "../router";
import { Button, ConfirmDialog, Form, Read, TickField, useDoing, useReading } from "../ui";
import { momentOf } from "../when";
import { Fields, useCheck } from "./fields";
import { HookChip, noticesPath } from "./list-screen";
import { Log } from "./log";
import { useNoticeWords } from "./messages";
import { SecretDialog, Verifying } from "./secret";

export function NoticeScreen({ id }: { id: string }) {
  const { api } = useConsole();
  const n = useNoticeWords();
  const reading = useReading(async (signal) => ({ hook: (await api.hooks(signal)).hooks.find((h) => h.id === id) }), id);
  const back = { href: noticesPath, text: n.newBack };
  const hook = reading.value?.hook;
  if (hook) return <Notice hook={hook} back={back} changed={(next) => reading.put({ hook: next })} reload={reading.reload} />;
  return (
    <Screen heading={reading.value ? n.notFound : n.heading} lead={reading.value && n.notFoundLead} back={back}>
      <Read from={reading} lines={6}>
        {() => null}
      </Read>
    </Screen>
  );
}

interface Props {
  hook: Hook;
  back: { href: string; text: string };
  changed: (hook: Hook) => void;
  reload: () => void;
}

function Notice({ hook, back, changed, reload }: Props) {
  const { api, locale } = useConsole();
  const { timezone } = useProfile();
  const n = useNoticeWords();
  const doing = useDoing();
  const [secret, setSecret] = useState<string>();
  const [renewing, setRenewing] = useState(false);

  return (
    <Screen heading={n.formats[hook.format]} title={`${n.formats[hook.format]} – ${n.heading}`} back={back} lead={<HookChip hook={hook} />}>
      {!hook.active && hook.off && (
        <div class="alert trouble">
          <p>{n.stopped[hook.off.reason] ?? n.stopped.other}</p>
          <time class="quiet" dateTime={hook.off.at}>
            {momentOf(hook.off.at, timezone, locale)}
          </time>
          <div class="actions">
            <Button
              primary
              press={() =>
                doing(async () => {
                  const { url, format, events } = hook;
                  changed(await api.saveHook(hook.id, { url, format, events, active: true }));
                }, n.resumed)
              }
            >
              {n.resume}
            </Button>
          </div>
        </div>
      )}
      {hook.active && hook.failingSince && (
        <div class="warning">
          <p>{n.failing(momentOf(hook.failingSince, timezone, locale))}</p>
        </div>
      )}
      <Log hook={hook} delivered={reload} />
      <Part id="settings" title={n.settings}>
        <Settings key={JSON.stringify([hook.url, hook.events, hook.active])} hook={hook} changed={changed} />
      </Part>
      {hook.format === "json" && (
        <Part id="secret" title={n.secret.heading}>
          <p>{n.secret.lead}</p>
          <Verifying />
          <div class="actions">
            <Button haspopup="dialog" press={() => setRenewing(true)}>
              {n.secret.renew}
            </Button>
          </div>
        </Part>
      )}
      <Remove hook={hook} />
      {renewing && (
        <ConfirmDialog
          title={n.secret.renewHeading}
          lead={n.secret.renewLead}
          confirm={n.secret.renew}
          close={() => setRenewing(false)}
          confirmed={async () => {
            await doing(async () => setSecret(await api.renewSecret(hook.id)));
            setRenewing(false);
          }}
        >
          {null}
        </ConfirmDialog>
      )}
      {secret && (
        <SecretDialog
          secret={secret}
          close={() => {
            setSecret(undefined);
            focusHeading();
          }}
        />
      )}
    </Screen>
  );
}

function Part({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section class="part" aria-labelledby={`notice-${id}`}>
      <h2 id={`notice-${id}`}>{title}</h2>
      {children}
    </section>
  );
}

function Settings({ hook, changed }: { hook: Hook; changed: (hook: Hook) => void }) {
  const { api, toast } = useConsole();
  const m = useWords();
  const n = useNoticeWords();
  const check = useCheck();
  const { url, format, events, active } = hook;
  const draft = useDraft(`notice:${hook.id}`, { url, format, events, active });
  useUnsaved(draft.unsaved);
  return (
    <Form
      check={() => check(draft.value)}
      send={async () => {
        const next = await api.saveHook(hook.id, { ...draft.value, url: draft.value.url.trim() });
        draft.saved({ url: next.url, format: next.format, events: next.events, active: next.active });
        changed(next);
        toast(n.changed);
      }}
      action={m.save}
    >
      {(errors) => (
        <>
          <Fields value={draft.value} errors={errors} change={draft.change} />
          <TickField name="active" label={n.active} required checked={draft.value.active} error={errors.active} change={(on) => draft.change({ active: on })} />
          <p class="hint">{n.formatFixed}</p>
        </>
      )}
    </Form>
  );
}

function Remove({ hook }: { hook: Hook }) {
  const { api } = useConsole();
  const n = useNoticeWords();
  const go = useGo();
  const doing = useDoing();
  const [asking, setAsking] = useState(false);
  return (
    <Part id="remove" title={n.remove.heading}>
      <p>{n.remove.lead}</p>
      <div class="actions">
        <Button danger haspopup="dialog" press={() => setAsking(true)}>
          {n.remove.go}
        </Button>
      </div>
      {asking && (
        <ConfirmDialog
          title={n.remove.ask}
          confirm={n.remove.confirm}
          danger
          close={() => setAsking(false)}
          confirmed={async () => {
            if (await doing(() => api.deleteHook(hook.id), n.remove.done)) go(noticesPath, { done: true, replace: true });
            else setAsking(false);
          }}
        >
          <ul class="points">
            {n.remove.points.map((point) => (
              <li key={point}>{point}</li>
            ))}
          </ul>
        </ConfirmDialog>
      )}
    </Part>
  );
}
