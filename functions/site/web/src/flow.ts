// The way from an open page to a submitted booking: the states that the guest's
// screens show, and what may lead from one to the next.

import type { Slot, Submission } from "./api";
import { type Details, type FieldErrors, noDetails } from "./details";

export type Screen = "choose" | "details" | "confirm";

/** Why the guest is told something at the head of a screen. */
export type Notice =
  | { kind: "taken"; slot: Slot } // it went to someone else
  | { kind: "closed" } // the slot is not offered any more
  | { kind: "refused"; detail: string }
  | { kind: "unanswered" }; // whether the submission arrived is not known

/** A submission that was sent and whose answer is not known. */
export interface Sent {
  key: string; // Idempotency-Key
  body: Submission;
}

export interface Flow {
  screen: Screen;
  timezone: string;
  day: string | null;
  slot: Slot | null;
  details: Details;
  reviewed: boolean; // whether the details were found right as they stand
  errors: FieldErrors;
  codeSentTo: string | null; // the address that a code was mailed to
  notice: Notice | null;
  sent: Sent | null;
  sending: boolean;
}

export type Act =
  | { type: "zone"; timezone: string }
  | { type: "day"; day: string | null }
  | { type: "slot"; slot: Slot }
  | { type: "typed"; field: string; details: Details }
  | { type: "checked"; errors: FieldErrors }
  | { type: "code"; sentTo: string }
  | { type: "go"; screen: Screen }
  | { type: "send"; sent: Sent }
  | { type: "unanswered" }
  | { type: "taken" }
  | { type: "closed" }
  | { type: "wrong"; errors: FieldErrors }
  | { type: "refused"; detail: string };

export const begin = (timezone: string): Flow => ({
  screen: "choose",
  timezone,
  day: null,
  slot: null,
  details: noDetails,
  reviewed: false,
  errors: {},
  codeSentTo: null,
  notice: null,
  sent: null,
  sending: false,
});

const aboutSending: ReadonlySet<Act["type"]> = new Set<Act["type"]>(["send", "unanswered", "taken", "closed", "wrong", "refused"]);

export function next(f: Flow, act: Act): Flow {
  // Until a sent submission is answered it can only be sent again, or else one
  // guest might hold two slots.
  if (f.sent && !aboutSending.has(act.type)) return f;
  switch (act.type) {
    case "zone":
      return { ...f, timezone: act.timezone, day: null, slot: null };
    case "day":
      return { ...f, day: act.day };
    case "slot":
      return { ...f, slot: act.slot, screen: f.reviewed ? "confirm" : "details", notice: null };
    case "typed":
      return { ...f, details: act.details, reviewed: f.reviewed && act.field === "code", errors: without(f.errors, act.field) };
    case "checked":
      return { ...f, errors: act.errors, ...(isEmpty(act.errors) && { reviewed: true, screen: "confirm" as const, notice: null }) };
    case "code":
      return { ...f, codeSentTo: act.sentTo, details: { ...f.details, code: "" }, errors: without(f.errors, "code") };
    case "go":
      return reachable(f, act.screen) ? { ...f, screen: act.screen, notice: null } : { ...f, screen: "choose" };
    case "send":
      return { ...f, sent: f.sent ?? act.sent, sending: true, notice: null };
    case "unanswered":
      return { ...f, sending: false, notice: { kind: "unanswered" } };
    case "taken":
      return { ...answered(f), screen: "choose", slot: null, notice: f.slot && { kind: "taken", slot: f.slot } };
    case "closed":
      return { ...answered(f), screen: "choose", slot: null, notice: { kind: "closed" } };
    case "wrong":
      // The code stands on the confirm screen, all else on the details'.
      return isEmpty(without(act.errors, "code"))
        ? { ...answered(f), errors: act.errors }
        : { ...answered(f), screen: "details", reviewed: false, errors: act.errors };
    case "refused":
      return { ...answered(f), notice: { kind: "refused", detail: act.detail } };
  }
}

const isEmpty = (errors: FieldErrors) => Object.keys(errors).length === 0;

function without(errors: FieldErrors, field: string): FieldErrors {
  const { [field]: _, ...others } = errors;
  return others;
}

const answered = (f: Flow): Flow => ({ ...f, sent: null, sending: false });

const reachable = (f: Flow, screen: Screen) => screen === "choose" || f.slot !== null;

/** The flow as it is taken up again after a reload: what was being sent is unanswered. */
export const resumed = (f: Flow): Flow => (f.sent ? next(f, { type: "unanswered" }) : { ...f, sending: false });
