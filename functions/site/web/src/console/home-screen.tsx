import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Connection, PageRow, Summary } from "./api";
import { BookingList } from "./booking-list";
import { laterCheck } from "./checking";
import { doneSteps, firstFew, type FirstStep, firstSteps } from "./checklist";
import { useCopy } from "./clipboard";
import { ConnectionChip } from "./connection-chip";
import { Screen, useConsole, useProfile } from "./frame";
import { useWords } from "./messages";
import { Button, ButtonLink, Empty, MailAddress, Read, useDoing, useReading } from "./ui";
import { Icon } from "./ui/icon";
import { momentOf } from "./when";

export function HomeScreen() {
  const { api } = useConsole();
  const { name } = useProfile();
  const m = useWords();
  const summary = useReading((signal) => api.summary(signal));
  const connections = useReading((signal) => api.connections(signal));
  const pages = useReading((signal) => api.pages(signal));
  const coming = useReading(async (signal) => {
    const { bookings } = await api.bookings({ when: "upcoming" }, signal);
    const everBooked = bookings.length > 0 || (await api.bookings({ when: "past" }, signal)).bookings.length > 0;
    return { bookings, everBooked };
  });

  const started = connections.value && pages.value && coming.value;
  const everBooked = coming.value?.everBooked ?? true;
  const done = started && !everBooked ? doneSteps({ connections: connections.value ?? [], pages: pages.value ?? [], everBooked }) : undefined;

  return (
    <Screen heading={m.home.greeting(name)} title={m.home.heading} wide>
      {done && <Checklist done={done} pages={pages.value ?? []} />}
      <section class="figures" aria-label={m.home.figures}>
        <Read from={summary} lines={1}>
          {(s) => (
            <>
              <Figures summary={s} />
              {s.check && <LastCheck check={s.check} put={summary.put} />}
            </>
          )}
        </Read>
      </section>
      <div class="home-columns">
        <Part title={m.home.coming} more={{ href: "/console/bookings", text: m.home.allBookings }}>
          <Read from={coming}>
            {({ bookings }) => (bookings.length > 0 ? <BookingList rows={firstFew(bookings)} level={3} /> : <p class="quiet">{m.home.nextNone}</p>)}
          </Read>
        </Part>
        <div class="home-side">
          <Part title={m.home.connections} more={{ href: "/console/integrations", text: m.home.allConnections }}>
            <Read from={connections}>{(all) => <Connections all={all} />}</Read>
          </Part>
          <Part title={m.home.pages} more={{ href: "/console/pages", text: m.home.allPages }}>
            <Read from={pages}>{(all) => <Pages all={all} />}</Read>
          </Part>
        </div>
      </div>
    </Screen>
  );
}

function Part({ title, more, children }: { title: string; more: { href: string; text: string }; children: ComponentChildren }) {
  return (
    <section class="part">
      <header class="part-head">
        <h2>{title}</h2>
        <a href={more.href} class="link">
          {more.text}
        </a>
      </header>
      {children}
    </section>
  );
}

function Figures({ summary: s }: { summary: Summary }) {
  const m = useWords();
  const figures = [
    { label: m.home.thisWeek, value: s.bookingsThisWeek, href: "/console/bookings" },
    { label: m.home.upcoming, value: s.upcoming, href: "/console/bookings" },
    { label: m.home.published, value: s.publishedPages, note: s.draftPages > 0 ? m.home.drafts(s.draftPages) : undefined, href: "/console/pages" },
    ...(s.needsAttention > 0 ? [{ label: m.home.attention, value: s.needsAttention, href: "/console/bookings?concern=attention", wrong: true }] : []),
  ];
  return (
    <ul>
      {figures.map((f) => (
        <li key={f.label}>
          <a href={f.href} class={"wrong" in f ? "figure wrong" : "figure"}>
            <span class="figure-label">{f.label}</span>
            <span class="figure-value">{f.value}</span>
            {"note" in f && f.note && <span class="quiet">{f.note}</span>}
          </a>
        </li>
      ))}
    </ul>
  );
}

/** When the bookings were last compared with what stands outside, what that found, and the way to have it done now. */
function LastCheck({ check, put }: { check: NonNullable<Summary["check"]>; put: (summary: Summary) => void }) {
  const { api, locale, toast } = useConsole();
  const { timezone } = useProfile();
  const m = useWords();
  const doing = useDoing();
  const [checking, setChecking] = useState(false);
  const leaving = useRef(new AbortController());
  useEffect(() => () => leaving.current.abort(), []);

  const checkNow = async () => {
    const { signal } = leaving.current;
    if (!(await doing(() => api.check()))) return;
    setChecking(true);
    try {
      const found = await laterCheck(() => api.summary(signal), check.at, signal);
      if (found) put(found);
      else toast(m.home.checkLater);
    } catch {
      return; // the host has gone elsewhere, or is signed out
    } finally {
      if (!signal.aborted) setChecking(false);
    }
  };

  return (
    <div class="last-check">
      <p role="status">
        {checking ? (
          m.home.checking
        ) : (
          <>
            {check.at ? (
              <>
                {m.home.checked} <time dateTime={check.at}>{momentOf(check.at, timezone, locale)}</time>
              </>
            ) : (
              m.home.neverChecked
            )}
            {check.at && (
              <>
                {" · "}
                {check.differences > 0 ? <a href="/console/bookings?concern=differs">{m.home.differences(check.differences)}</a> : m.home.differences(0)}
              </>
            )}
          </>
        )}
      </p>
      <Button small busy={checking} press={checkNow}>
        {m.home.checkNow}
      </Button>
    </div>
  );
}

function Connections({ all }: { all: readonly Connection[] }) {
  const m = useWords();
  return (
    <ul class="rows">
      {all
        .filter((c) => c.available)
        .map((c) => (
          <li key={c.provider}>
            <a class="row short" href={c.status === "disconnected" ? `/console/integrations/${c.provider}` : "/console/integrations"}>
              <span class="row-main">
                <span class="row-title">{m.providers[c.provider]}</span>
                {c.account && (
                  <span class="quiet">
                    <MailAddress>{c.account}</MailAddress>
                  </span>
                )}
              </span>
              <ConnectionChip connection={c} />
            </a>
          </li>
        ))}
    </ul>
  );
}

/** A page's address, as guests have it. */
export const guestAddress = (origin: string, handle: string, slug: string) => `${origin}/b/${handle}/${slug}`;

function Pages({ all }: { all: readonly PageRow[] }) {
  const { config } = useConsole();
  const { handle } = useProfile();
  const m = useWords();
  const copy = useCopy();
  if (all.length === 0) {
    return (
      <Empty title={m.home.pagesNone}>
        <ButtonLink href="/console/pages/new" small>
          {m.home.makePage}
        </ButtonLink>
      </Empty>
    );
  }
  return (
    <ul class="rows">
      {all.map((p) => (
        <li key={p.slug} class="row short">
          <span class="row-main">
            <a class="row-title" href={`/console/pages/${p.slug}`}>
              {p.title}
            </a>
            <span class="quiet">
              {p.problems.length > 0 ? p.problems.map((code) => (code in m.pageProblems ? m.pageProblems[code as keyof typeof m.pageProblems] : m.pageProblems.other)).join(" · ") : !p.published ? m.home.draft : p.accepting ? m.home.accepting : m.home.notAccepting}
            </span>
          </span>
          {p.published && (
            <Button small label={m.home.copyLinkOf(p.title)} press={() => copy(guestAddress(config.origin, handle, p.slug), m.home.copied(p.title))}>
              {m.home.copyLink}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Checklist({ done, pages }: { done: ReadonlySet<FirstStep>; pages: readonly PageRow[] }) {
  const { config } = useConsole();
  const { handle } = useProfile();
  const m = useWords();
  const copy = useCopy();
  const next = firstSteps.find((s) => !done.has(s));
  const shared = pages.find((p) => p.published);
  const go: Record<FirstStep, ComponentChildren> = {
    zoom: <ButtonLink primary={next === "zoom"} small href="/console/integrations/zoom">{m.home.steps.zoom.go}</ButtonLink>,
    calendar: <ButtonLink primary={next === "calendar"} small href="/console/integrations">{m.home.steps.calendar.go}</ButtonLink>,
    page: <ButtonLink primary={next === "page"} small href="/console/pages/new">{m.home.steps.page.go}</ButtonLink>,
    share: shared && (
      <Button primary={next === "share"} small press={() => copy(guestAddress(config.origin, handle, shared.slug), m.home.copied(shared.title))}>
        {m.home.steps.share.go}
      </Button>
    ),
  };
  return (
    <section class="checklist" aria-labelledby="checklist-heading">
      <header class="part-head">
        <h2 id="checklist-heading">{m.home.checklist}</h2>
        <span class="quiet">{m.home.checklistLead(done.size, firstSteps.length)}</span>
      </header>
      <ol>
        {firstSteps.map((step, i) => (
          <li key={step} data-done={done.has(step) ? "" : undefined} aria-current={step === next ? "step" : undefined}>
            <span class="knot" aria-hidden="true">
              {done.has(step) ? <Icon name="done" /> : i + 1}
            </span>
            <div>
              <h3>
                {m.home.steps[step].title}
                <span class="unseen">（{done.has(step) ? m.home.stepDone : m.home.stepOpen}）</span>
              </h3>
              <p class="quiet">{m.home.steps[step].text}</p>
            </div>
            {!done.has(step) && go[step]}
          </li>
        ))}
      </ol>
    </section>
  );
}
