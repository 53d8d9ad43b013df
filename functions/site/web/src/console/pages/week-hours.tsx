// A week's hours: a grid to drag over, and the same in fields to type into. The
// fields are all that a keyboard or a screen reader needs; the grid is a shortcut.

import { type ComponentChildren, Fragment } from "preact";
import { useRef, useState } from "preact/hooks";
import { type Weekday, type Window, weekdays } from "../api";
import { Button, ConfirmDialog } from "../ui";
import { clockOf, copied, covers, dayEnd, faultsOf, nextWindow, painted, tidyClock } from "./hours";
import { usePageWords } from "./messages";

export type Week = Record<Weekday, Window[]>;
export type Errors = Record<string, string>;

interface Props {
  weekly: Week;
  errors: Errors; // by path
  change: (weekly: Week) => void;
}

export function WeekHours({ weekly, errors, change }: Props) {
  const p = usePageWords();
  const [copying, setCopying] = useState<Weekday>();
  return (
    <>
      <p class="hint">{p.editor.grid}</p>
      <WeekGrid weekly={weekly} change={change} />
      <ul class="week">
        {weekdays.map((day) => (
          <li key={day}>
            <h3>{p.weekdays[day]}</h3>
            <DayHours name={p.weekdays[day]} path={`weekly.${day}`} windows={weekly[day]} errors={errors} change={(windows) => change({ ...weekly, [day]: windows })}>
              {weekly[day].length > 0 && (
                <Button small haspopup="dialog" label={`${p.weekdays[day]}: ${p.editor.copyDay}`} press={() => setCopying(day)}>
                  {p.editor.copyDay}
                </Button>
              )}
            </DayHours>
          </li>
        ))}
      </ul>
      {copying && <CopyDialog from={copying} weekly={weekly} change={change} close={() => setCopying(undefined)} />}
    </>
  );
}

interface DayProps {
  name: string; // of the day
  path: string;
  windows: Window[];
  errors: Errors;
  change: (windows: Window[]) => void;
  children?: ComponentChildren; // beside the way to add hours
}

/** The hours of one day, to type. */
export function DayHours({ name, path, windows, errors, change, children }: DayProps) {
  const p = usePageWords();
  const list = useRef<HTMLDivElement>(null);
  const faults = faultsOf(windows);
  const set = (i: number, end: "from" | "to", text: string) => change(windows.map((w, n) => (n === i ? { ...w, [end]: text } : w)));
  const problem = (i: number, end: "from" | "to") => {
    const fault = faults[`${i}.${end}`];
    return fault ? p.editor.faults[fault] : errors[`${path}[${i}].${end}`];
  };
  return (
    <div ref={list} class="day-hours">
      {windows.length === 0 && <p class="quiet">{p.editor.closed}</p>}
      {windows.map((w, i) => (
        <div key={i} class="day-window">
          <Clock label={p.editor.from(name, i + 1)} value={w.from} error={problem(i, "from")} change={(text) => set(i, "from", text)} />
          <span aria-hidden="true">–</span>
          <Clock label={p.editor.to(name, i + 1)} value={w.to} error={problem(i, "to")} change={(text) => set(i, "to", text)} />
          <button
            type="button"
            class="close"
            aria-label={p.editor.removeHours(name, i + 1)}
            onClick={() => {
              change(windows.filter((_, n) => n !== i));
              list.current?.querySelector<HTMLElement>(".day-add button")?.focus();
            }}
          >
            <span aria-hidden="true">×</span>
          </button>
          {(problem(i, "from") ?? problem(i, "to")) && <span class="field-error">{problem(i, "from") ?? problem(i, "to")}</span>}
        </div>
      ))}
      <div class="day-add actions">
        <Button
          small
          label={p.editor.addHoursOn(name)}
          press={() => {
            change([...windows, nextWindow(windows)]);
            requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(".day-window:last-of-type input")?.focus());
          }}
        >
          {p.editor.addHours}
        </Button>
        {children}
      </div>
    </div>
  );
}

/** A time of day, tidied when it is left. */
function Clock({ label, value, error, change }: { label: string; value: string; error: string | undefined; change: (text: string) => void }) {
  return (
    <input
      class="clock"
      type="text"
      inputMode="numeric"
      autocomplete="off"
      maxLength={8}
      aria-label={label}
      aria-invalid={error !== undefined}
      value={value}
      onInput={(e) => change(e.currentTarget.value)}
      onBlur={(e) => change(tidyClock(e.currentTarget.value))}
    />
  );
}

function CopyDialog({ from, weekly, change, close }: { from: Weekday; weekly: Week; change: (weekly: Week) => void; close: () => void }) {
  const p = usePageWords();
  const [to, setTo] = useState<readonly Weekday[]>(weekdays.filter((d) => d !== from && d !== "sat" && d !== "sun"));
  return (
    <ConfirmDialog
      title={p.editor.copyHeading(p.weekdays[from])}
      confirm={p.editor.copy}
      close={close}
      confirmed={() => {
        change(copied(weekly, from, to));
        close();
      }}
    >
      {weekdays
        .filter((d) => d !== from)
        .map((d) => (
          <label key={d} class="tick">
            <input type="checkbox" checked={to.includes(d)} onChange={(e) => setTo(e.currentTarget.checked ? [...to, d] : to.filter((other) => other !== d))} />
            <span>{p.weekdays[d]}</span>
          </label>
        ))}
    </ConfirmDialog>
  );
}

const cell = 30; // minutes
const first = 6 * 60; // the night is typed

interface Drag {
  day: number;
  at: number;
  overDay: number;
  over: number;
  open: boolean; // what is painted
}

/** Columns of days, rows of half hours. */
function WeekGrid({ weekly, change }: Pick<Props, "weekly" | "change">) {
  const p = usePageWords();
  const [drag, setDrag] = useState<Drag>();
  const rows = Array.from({ length: (dayEnd - first) / cell }, (_, i) => first + i * cell);
  const shown = drag ? applied(weekly, drag) : weekly;

  const place = (e: PointerEvent) => {
    const target = document.elementFromPoint(e.clientX, e.clientY);
    const { day, at } = (target instanceof HTMLElement ? target.dataset : {}) as { day?: string; at?: string };
    return day === undefined || at === undefined ? undefined : { day: Number(day), at: Number(at) };
  };

  return (
    <div
      class="week-grid"
      aria-hidden="true"
      onPointerDown={(e) => {
        const from = place(e);
        if (!from || e.button !== 0) return;
        e.preventDefault();
        e.currentTarget.setPointerCapture(e.pointerId);
        const day = weekdays[from.day];
        if (!day) return;
        setDrag({ ...from, overDay: from.day, over: from.at, open: !covers(weekly[day], { from: from.at, to: from.at + cell }) });
      }}
      onPointerMove={(e) => {
        const to = drag && place(e);
        if (to && (to.day !== drag.overDay || to.at !== drag.over)) setDrag({ ...drag, overDay: to.day, over: to.at });
      }}
      onPointerUp={() => {
        if (drag) change(applied(weekly, drag));
        setDrag(undefined);
      }}
      onPointerCancel={() => setDrag(undefined)}
    >
      <span />
      {weekdays.map((d) => (
        <span key={d} class="week-grid-day">
          {short(p.weekdays[d])}
        </span>
      ))}
      {rows.map((at) => (
        <Fragment key={at}>
          <span class="week-grid-hour">{at % 60 === 0 ? clockOf(at) : ""}</span>
          {weekdays.map((d, day) => (
            <span key={d} class={covers(shown[d], { from: at, to: at + cell }) ? "week-cell open" : "week-cell"} data-day={day} data-at={at} />
          ))}
        </Fragment>
      ))}
    </div>
  );
}

/** 月, Mon: as much of a weekday as a column has room for. */
const short = (weekday: string) => weekday.slice(0, weekday.endsWith("曜日") ? 1 : 3);

/** The week with what is dragged over painted. */
function applied(weekly: Week, { day, at, overDay, over, open }: Drag): Week {
  const span = { from: Math.min(at, over), to: Math.max(at, over) + cell };
  const next = { ...weekly };
  for (let d = Math.min(day, overDay); d <= Math.max(day, overDay); d++) {
    const name = weekdays[d];
    if (name) next[name] = painted(weekly[name], span, open);
  }
  return next;
}
