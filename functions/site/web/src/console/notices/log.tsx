// What a hook was told, how that went, and sending it again.

import { useEffect, useState } from "preact/hooks";
import { nextWait } from "../../progress";
import { pause } from "../../pause";
import { type Attempt, type Delivery, type Hook, NoAnswer } from "../api";
import { useConsole, useProfile } from "../frame";
import { Button, Read, useDoing, useReading } from "../ui";
import { momentOf } from "../when";
import { expected, refreshed } from "./hook";
import { useNoticeWords } from "./messages";

/** The log. What waits is followed as long as the screen is open; delivered tells when none does any more. */
export function Log({ hook, delivered }: { hook: Hook; delivered: () => void }) {
  const { api } = useConsole();
  const n = useNoticeWords();
  const doing = useDoing();
  const first = useReading((signal) => api.deliveries(hook.id, undefined, signal), hook.id);
  const [older, setOlder] = useState<{ deliveries: Delivery[]; cursor: string | undefined }>();
  const newest = first.value?.deliveries ?? [];
  const waiting = expected(newest, Date.now());

  useEffect(() => {
    if (!waiting) return;
    const aborter = new AbortController();
    void follow(() => api.deliveries(hook.id, undefined, aborter.signal), first.put, aborter.signal)
      .then(delivered)
      .catch(() => undefined); // the log shows what was last read
    return () => aborter.abort();
  }, [hook.id, waiting]);

  return (
    <section class="part" aria-labelledby="notice-log">
      <header class="part-head">
        <h2 id="notice-log">{n.log.heading}</h2>
        <Button
          small
          press={async () => {
            if (await doing(() => api.testHook(hook.id), n.log.tested)) first.reload();
          }}
        >
          {n.log.test}
        </Button>
      </header>
      <Read from={first} lines={3}>
        {(list) => {
          const all = refreshed(older?.deliveries ?? [], list.deliveries);
          const cursor = older ? older.cursor : list.cursor;
          if (all.length === 0) return <p class="quiet">{n.log.none}</p>;
          return (
            <>
              <ul class="deliveries">
                {all.map((d) => (
                  <li key={d.id}>
                    <Entry hook={hook} delivery={d} replayed={first.reload} />
                  </li>
                ))}
              </ul>
              {cursor !== undefined && (
                <div class="actions">
                  <Button
                    small
                    press={() =>
                      doing(async () => {
                        const next = await api.deliveries(hook.id, cursor);
                        setOlder({ deliveries: [...all, ...next.deliveries], cursor: next.cursor });
                      })
                    }
                  >
                    {n.log.more}
                  </Button>
                </div>
              )}
              <p class="quiet">{n.log.retried}</p>
            </>
          );
        }}
      </Read>
    </section>
  );
}

async function follow(read: () => Promise<{ deliveries: Delivery[] }>, seen: (list: { deliveries: Delivery[] }) => void, signal: AbortSignal): Promise<void> {
  for (let ms = 500; ; ms = nextWait(ms)) {
    await pause(ms, signal);
    try {
      const list = await read();
      signal.throwIfAborted();
      seen(list);
      if (!expected(list.deliveries, Date.now())) return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof NoAnswer)) throw error;
    }
  }
}

function Entry({ hook, delivery: d, replayed }: { hook: Hook; delivery: Delivery; replayed: () => void }) {
  const { api, locale } = useConsole();
  const { timezone } = useProfile();
  const n = useNoticeWords();
  const doing = useDoing();
  const event = n.eventShort[d.event] ?? d.event;
  const at = momentOf(d.createdAt, timezone, locale);
  const last = d.attempts.at(-1);
  const tone = { waiting: "waiting", delivered: "good", failed: "wrong" }[d.status];
  return (
    <article class="delivery" aria-label={`${event}, ${at}`}>
      <div class="delivery-head">
        <strong>{event}</strong>
        <time class="quiet" dateTime={d.createdAt}>
          {at}
        </time>
        <span class="chip" data-tone={tone}>
          {n.log.status[d.status]}
        </span>
      </div>
      {last && d.status !== "delivered" && <p class="quiet">{outcomeOf(last)}</p>}
      {d.status === "waiting" && d.nextAt && d.attempts.length > 0 && <p class="quiet">{n.log.next(momentOf(d.nextAt, timezone, locale))}</p>}
      <div class="delivery-foot">
        {d.attempts.length > 0 && (
          <details>
            <summary>{n.log.attempts(d.attempts.length)}</summary>
            <ol class="attempts">
              {d.attempts.map((a) => (
                <li key={a.at}>
                  <time dateTime={a.at}>{new Intl.DateTimeFormat(locale, { dateStyle: "short", timeStyle: "medium", timeZone: timezone }).format(new Date(a.at))}</time>
                  <span>{outcomeOf(a)}</span>
                  <span class="quiet">{n.log.took(a.millis)}</span>
                </li>
              ))}
            </ol>
          </details>
        )}
        {d.booking && <a href={`/console/bookings/${encodeURIComponent(d.booking)}`}>{n.log.booking}</a>}
        {d.status !== "waiting" && (
          <Button
            small
            label={n.log.replayOf(event, at)}
            press={async () => {
              if (await doing(() => api.replay(hook.id, d.id), n.log.replayed)) replayed();
            }}
          >
            {n.log.replay}
          </Button>
        )}
      </div>
    </article>
  );

  function outcomeOf({ status, error }: Attempt): string {
    const words = error && (n.log.errors[error] ?? error);
    return [status !== undefined && n.log.answered(status), words].filter(Boolean).join(" · ");
  }
}
