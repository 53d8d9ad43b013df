// Loading, nothing there, not to be had: what a part of a screen shows instead of
// its content.

import type { ComponentChildren, JSX } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { NoAnswer, Problem, SignedOut } from "../api";
import { useConsole } from "../frame";
import { type ConsoleMessages, useWords } from "../messages";
import { Button } from "./button";

/** What an error says to the host. */
export function inWords(error: unknown, m: ConsoleMessages): string {
  if (error instanceof Problem) return error.detail || m.failed.unknown;
  if (error instanceof NoAnswer) return m.failed.noAnswer;
  return m.failed.unknown;
}

/** Something read from the API: the last value stays while it is read again. */
export interface Reading<T> {
  value: T | undefined;
  error: unknown; // of the last try
  loading: boolean;
  reload: () => void;
  /** Puts a value in place, as after a change. */
  put: (value: T) => void;
}

/** Reads when the screen opens and whenever the key changes. */
export function useReading<T>(read: (signal: AbortSignal) => Promise<T>, key = ""): Reading<T> {
  const [state, setState] = useState<{ key: string; value: T | undefined; error: unknown; loading: boolean }>({ key, value: undefined, error: undefined, loading: true });
  const [turn, setTurn] = useState(0);
  const reader = useRef(read);
  reader.current = read;
  useEffect(() => {
    const aborter = new AbortController();
    setState((s) => ({ key, value: s.key === key ? s.value : undefined, error: undefined, loading: true }));
    reader.current(aborter.signal).then(
      (value) => {
        if (!aborter.signal.aborted) setState({ key, value, error: undefined, loading: false });
      },
      (error: unknown) => {
        if (!aborter.signal.aborted) setState((s) => ({ ...s, error, loading: false }));
      },
    );
    return () => aborter.abort();
  }, [key, turn]);
  const current = state.key === key ? state : { ...state, value: undefined, error: undefined, loading: true };
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  const put = useCallback((value: T) => setState((s) => ({ ...s, value, error: undefined, loading: false })), []);
  return { value: current.value, error: current.error, loading: current.loading, reload, put };
}

/** Shows what was read, or that it is being read, or why it cannot be. */
export function Read<T>({ from, children, lines = 3 }: { from: Reading<T>; children: (value: T) => ComponentChildren; lines?: number }): JSX.Element {
  if (from.value !== undefined) return <>{children(from.value)}</>;
  if (from.error === undefined || from.error instanceof SignedOut) return <Busy lines={lines} />;
  return <Failed error={from.error} again={from.reload} />;
}

/** Lines where the content will be; said once to screen readers. */
export function Busy({ lines = 3 }: { lines?: number }) {
  const m = useWords();
  return (
    <div class="busy" role="status">
      <span class="unseen">{m.loading}</span>
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} class="busy-line" aria-hidden="true" />
      ))}
    </div>
  );
}

export function Failed({ error, again }: { error: unknown; again: () => void }) {
  const m = useWords();
  return (
    <div class="alert failed" role="alert">
      <p>{inWords(error, m)}</p>
      <Button small press={again}>
        {m.tryAgain}
      </Button>
    </div>
  );
}

/** Nothing there yet, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** Runs a change: tells by a toast why it was refused, and returns whether it was done. */
export function useDoing(): (change: () => Promise<unknown>, done?: string) => Promise<boolean> {
  const { toast } = useConsole();
  const m = useWords();
  return async (change, done) => {
    try {
      await change();
      if (done) toast(done);
      return true;
    } catch (error) {
      if (!(error instanceof SignedOut)) toast(inWords(error, m), "wrong");
      return false;
    }
  };
}
