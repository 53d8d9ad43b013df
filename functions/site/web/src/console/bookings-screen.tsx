import { useEffect, useRef, useState } from "preact/hooks";
import { type BookingList as Listed, type BookingStatus, type Concern, concerns } from "./api";
import { BookingList } from "./booking-list";
import { addressOf, type Looking, lookingOf, narrowed, statuses } from "./bookings-filter";
import { Screen, useConsole } from "./frame";
import { useWords } from "./messages";
import { useGo, useLocation } from "./router";
import { Button, ButtonLink, Empty, Read, SelectField, useDoing, useReading } from "./ui";

const typedForMs = 350;

export function BookingsScreen() {
  const { api } = useConsole();
  const m = useWords();
  const go = useGo();
  const { query } = useLocation();
  const looking = lookingOf(query);
  const [typed, setTyped] = useState(looking.q);
  const pages = useReading((signal) => api.pages(signal));
  const key = addressOf(looking);
  const first = useReading((signal) => api.bookings(looking, signal), key);

  const look = (changes: Partial<Looking>, replace = true) => go(addressOf({ ...looking, q: typed, ...changes }), { replace });

  useEffect(() => {
    if (typed.trim() === looking.q) return;
    const timer = setTimeout(() => look({ q: typed }), typedForMs);
    return () => clearTimeout(timer);
  }, [typed]);

  return (
    <Screen heading={m.bookings.heading} title={looking.when === "past" ? m.bookings.past : m.bookings.heading} wide>
      <nav class="tabs" aria-label={m.bookings.when}>
        {(["upcoming", "past"] as const).map((when) => (
          <a key={when} href={addressOf({ ...looking, when })} aria-current={when === looking.when ? "page" : undefined}>
            {m.bookings[when]}
          </a>
        ))}
      </nav>
      <form
        class="filters"
        role="search"
        onSubmit={(e) => {
          e.preventDefault();
          look({});
        }}
      >
        <div class="field filter-search">
          <label for="bookings-q">{m.bookings.search}</label>
          <input id="bookings-q" type="search" autocomplete="off" placeholder={m.bookings.searchHint} value={typed} onInput={(e) => setTyped(e.currentTarget.value)} />
        </div>
        <SelectField<BookingStatus | "">
          name="status"
          label={m.bookings.status}
          value={looking.status}
          options={[{ value: "", label: m.bookings.anyStatus }, ...statuses.map((s) => ({ value: s, label: m.bookings.statuses[s] }))]}
          change={(status) => look({ status })}
        />
        <SelectField<Concern | "">
          name="concern"
          label={m.bookings.concern}
          value={looking.concern}
          options={[{ value: "", label: m.bookings.anyConcern }, ...concerns.map((c) => ({ value: c, label: m.bookings.concerns[c] }))]}
          change={(concern) => look({ concern })}
        />
        <SelectField
          name="page"
          label={m.bookings.page}
          value={looking.page}
          options={[{ value: "", label: m.bookings.anyPage }, ...(pages.value ?? []).map((p) => ({ value: p.slug, label: p.title }))]}
          change={(page) => look({ page })}
        />
      </form>
      <Read from={first} lines={5}>
        {(list) => (
          <Found
            key={key}
            first={list}
            looking={looking}
            clear={() => {
              setTyped("");
              go(addressOf({ when: looking.when, status: "", concern: "", page: "", q: "" }), { replace: true });
            }}
          />
        )}
      </Read>
    </Screen>
  );
}

function Found({ first, looking, clear }: { first: Listed; looking: Looking; clear: () => void }) {
  const { api } = useConsole();
  const m = useWords();
  const doing = useDoing();
  const [list, setList] = useState(first);
  const [fresh, setFresh] = useState<string>(); // the first of those that came last
  const ref = useRef<HTMLDivElement>(null);

  useEffect(() => setList(first), [first]);
  useEffect(() => {
    if (fresh) ref.current?.querySelector<HTMLElement>(`a[href$="/${CSS.escape(fresh)}"]`)?.focus();
  }, [fresh]);

  if (list.bookings.length === 0) {
    if (narrowed(looking)) {
      return (
        <Empty title={m.bookings.noneFound}>
          <p class="quiet">{m.bookings.noneFoundLead}</p>
          <div class="actions">
            <ButtonLink small href={addressOf({ ...looking, when: looking.when === "past" ? "upcoming" : "past" })}>
              {looking.when === "past" ? m.bookings.lookAhead : m.bookings.lookBack}
            </ButtonLink>
            <Button small press={clear}>
              {m.bookings.clear}
            </Button>
          </div>
        </Empty>
      );
    }
    return looking.when === "past" ? (
      <Empty title={m.bookings.nonePast} />
    ) : (
      <Empty title={m.bookings.noneUpcoming}>
        <p class="quiet">{m.bookings.noneUpcomingLead}</p>
        <ButtonLink small href="/console/pages">
          {m.bookings.toPages}
        </ButtonLink>
      </Empty>
    );
  }

  const more = async () => {
    await doing(async () => {
      const next = await api.bookings({ ...looking, ...(list.cursor && { cursor: list.cursor }) });
      const { cursor, ...rest } = next;
      setList({ ...rest, bookings: [...list.bookings, ...next.bookings], ...(cursor && { cursor }) });
      setFresh(next.bookings[0]?.id);
    });
  };

  return (
    <div ref={ref} class="found">
      <p class="quiet found-line">
        <span role="status">{m.bookings.found(list.bookings.length, list.cursor !== undefined)}</span>
        {narrowed(looking) && (
          <button type="button" class="link" onClick={clear}>
            {m.bookings.clear}
          </button>
        )}
      </p>
      <BookingList rows={list.bookings} />
      {list.cursor !== undefined && (
        <div class="actions">
          <Button press={more}>{m.bookings.more}</Button>
        </div>
      )}
    </div>
  );
}
