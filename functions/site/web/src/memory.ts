// What the tab remembers across a reload. Nothing outlives the tab.

import { type Flow, resumed } from "./flow";

const place = (path: string) => `yakusoku:${path}`;

export function remember(path: string, flow: Flow): void {
  try {
    sessionStorage.setItem(place(path), JSON.stringify(flow));
  } catch {
    // Storage is off or full: a reload starts over.
  }
}

export function recall(path: string): Flow | undefined {
  try {
    const stored = sessionStorage.getItem(place(path));
    return stored === null ? undefined : resumed(JSON.parse(stored) as Flow);
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
