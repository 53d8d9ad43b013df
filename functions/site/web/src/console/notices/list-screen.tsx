import type { Hook } from "../api";
import { Screen, useConsole, useProfile } from "../frame";
import { ButtonLink, Empty, Read, useReading } from "../ui";
import { momentOf } from "../when";
import { shortAddress, stateOf, tones } from "./hook";
import { useNoticeWords } from "./messages";

export const noticesPath = "/console/integrations/notices";

export function ListScreen() {
  const { api } = useConsole();
  const n = useNoticeWords();
  const reading = useReading((signal) => api.hooks(signal));
  const list = reading.value;
  const add = (
    <ButtonLink primary href={`${noticesPath}/new`}>
      {n.add}
    </ButtonLink>
  );
  return (
    <Screen heading={n.heading} lead={n.lead} back={{ href: "/console/integrations", text: n.back }} actions={list && list.hooks.length > 0 && list.hooks.length < list.most ? add : undefined}>
      <Read from={reading} lines={4}>
        {({ hooks, most }) =>
          hooks.length === 0 ? (
            <Empty title={n.empty}>
              <p>{n.emptyLead}</p>
              <ul class="points">
                {n.uses.map((use) => (
                  <li key={use}>{use}</li>
                ))}
              </ul>
              {add}
            </Empty>
          ) : (
            <>
              <ul class="rows notices">
                {hooks.map((hook) => (
                  <li key={hook.id}>
                    <Row hook={hook} />
                  </li>
                ))}
              </ul>
              {hooks.length >= most && <p class="quiet">{n.full(most)}</p>}
            </>
          )
        }
      </Read>
    </Screen>
  );
}

function Row({ hook }: { hook: Hook }) {
  const { locale } = useConsole();
  const { timezone } = useProfile();
  const n = useNoticeWords();
  const all = hook.events.length === Object.keys(n.eventNames).length;
  return (
    <a class="row short" href={`${noticesPath}/${encodeURIComponent(hook.id)}`}>
      <span class="row-main">
        <span class="row-title">{n.formats[hook.format]}</span>
        <span class="wire">{shortAddress(hook)}</span>
        <span class="quiet">{all ? n.everything : hook.events.map((e) => n.eventShort[e]).join(" · ")}</span>
        <span class="quiet">{hook.lastDelivery ? n.last(momentOf(hook.lastDelivery.at, timezone, locale), hook.lastDelivery.status) : n.never}</span>
      </span>
      <HookChip hook={hook} />
    </a>
  );
}

export function HookChip({ hook }: { hook: Hook }) {
  const n = useNoticeWords();
  const state = stateOf(hook);
  return (
    <span class="chip" data-tone={tones[state]}>
      {n.states[state]}
    </span>
  );
}
