// What came of the way to a provider, as its callback tells the console (DESIGN §4).

import { type Provider, providers } from "./api";

export type Outcome = { connected: Provider } | { error: string; provider: Provider };

const isProvider = (s: string | undefined): s is Provider => providers.some((p) => p === s);

export function outcomeOf(query: Record<string, string>): Outcome | undefined {
  if (isProvider(query.connected)) return { connected: query.connected };
  if (query.error) return { error: query.error, provider: isProvider(query.provider) ? query.provider : "zoom" };
  return undefined;
}
