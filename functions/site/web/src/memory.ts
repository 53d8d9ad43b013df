// What the tab remembers across a reload. Nothing outlives the tab.

const place = (path: string) => `yakusoku:${path}`;

export function remember(path: string, what: unknown): void {
  try {
    sessionStorage.setItem(place(path), JSON.stringify(what));
  } catch {
    // Storage is off or full: a reload starts over.
  }
}

/** What was remembered, as whoever asks knows that it was. */
export function recall<T>(path: string): T | undefined {
  try {
    const stored = sessionStorage.getItem(place(path));
    return stored === null ? undefined : (JSON.parse(stored) as T);
  } catch {
    return undefined;
  }
}

export function forget(path: string): void {
  try {
    sessionStorage.removeItem(place(path));
  } catch {
    // There was nothing to forget.
  }
}
