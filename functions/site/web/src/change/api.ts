// The part of the HTTP contract (DESIGN §4) by which guests change a booking.

import { bearer, bookingPath, call, type CancelReason, json, type Slots, type SlotsAsked } from "../api";
import type { Language } from "../messages";

/** Open slots to which a booking can be moved. */
export interface OwnSlots extends Slots {
  accepting: boolean; // if not, there are none
  lastDate?: string;
}

export async function getOwnSlots(id: string, token: string, asked: SlotsAsked, language: Language, signal?: AbortSignal): Promise<OwnSlots> {
  const query = new URLSearchParams({ ...asked });
  return json(await call(`${bookingPath(id)}/slots?${query}`, { language, headers: bearer(token), ...(signal && { signal }) }));
}

/** Cancels the booking. Once more is no error. */
export async function postCancel(id: string, token: string, body: { reason?: CancelReason; message?: string }, language: Language): Promise<void> {
  await call(`${bookingPath(id)}/cancel`, { language, method: "POST", headers: bearer(token), body });
}

/** Moves the booking. Once more is no error. */
export async function postReschedule(id: string, token: string, start: string, language: Language): Promise<void> {
  await call(`${bookingPath(id)}/reschedule`, { language, method: "POST", headers: bearer(token), body: { start } });
}
