// What is typed and not saved outlives a reload and a sign-in within the tab.

import { useEffect, useRef, useState } from "preact/hooks";

interface Draft<T> {
  value: T;
  change: (changes: Partial<T>) => void;
  unsaved: boolean;
  /** Takes what is saved now as the state that nothing differs from. */
  saved: (value: T) => void;
}

const place = (key: string) => `yakusoku.console.draft:${key}`;

/** The host's typing, over what is saved. */
export function useDraft<T extends object>(key: string, stored: T): Draft<T> {
  const [base, setBase] = useState(stored);
  const [value, setValue] = useState<T>(() => ({ ...stored, ...recalled<T>(key) }));
  const unsaved = JSON.stringify(value) !== JSON.stringify(base);
  const first = useRef(true);
  useEffect(() => {
    if (first.current && !unsaved) {
      first.current = false;
      return;
    }
    first.current = false;
    keep(key, unsaved ? value : undefined);
  }, [value, base]);
  return {
    value,
    change: (changes) => setValue((v) => ({ ...v, ...changes })),
    unsaved,
    saved: (now) => {
      keep(key, undefined);
      setBase(now);
      setValue(now);
    },
  };
}

/** Forgets what whoever signs out has typed. */
export function forgetDrafts(): void {
  try {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(place(""))) sessionStorage.removeItem(key);
  } catch {
    // There was nothing to forget.
  }
}

function recalled<T>(key: string): Partial<T> | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(place(key)) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

function keep(key: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(place(key));
    else sessionStorage.setItem(place(key), JSON.stringify(value));
  } catch {
    // Storage is off or full: a reload starts over.
  }
}
