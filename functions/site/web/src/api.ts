// The HTTP contract as this page uses it (DESIGN §4).

import type { Language } from "./messages";

/** A start and end, RFC 3339 with the offset of the zone that was asked for. */
export interface Slot {
  start: string;
  end: string;
}

export interface Slots {
  timezone: string;
  durationMinutes: number;
  slots: Slot[];
}

export interface Question {
  id: string;
  label: string;
  type: "text" | "textarea" | "select" | "multiselect" | "checkbox";
  required: boolean;
  options: string[];
}

export interface Page {
  title: string;
  description: string;
  durationMinutes: number;
  timezone: string;
  locale: Language;
  format: string;
  platform: string;
  questions: Question[];
  hostName: string;
  accepting: boolean;
  lastDate: string; // on which slots may start, in the page's zone
  phone: "off" | "optional" | "required";
  maxCoAttendees: number;
  consent?: Consent;
  verifyEmail: boolean;
  changeNoticeMinutes: number; // before the start, until which guests may cancel or reschedule; 0: until it
}

/** What a page's guests must agree to. */
export interface Consent {
  text: string;
  url?: string;
  version: string;
}

export type Answer = string | string[] | boolean;

export interface Submission {
  start: string;
  guest: {
    name: string;
    email: string;
    company?: string;
    phone?: string;
    timezone: string;
    locale: Language;
    coAttendees?: string[];
  };
  consent?: string;
  code?: string;
  website?: string;
  answers?: Record<string, Answer>;
}

export interface Receipt {
  id: string;
  token: string;
  status: string;
  start: string;
  end: string;
}

export type StepName = "hold" | "meeting" | "event" | "mail";
export type StepStatus = "waiting" | "started" | "done" | "undone" | "failed";

export type Party = "guest" | "host";

/** A change of plan that is under way: until it has come about the booking stands where it stood. */
export interface Move extends Slot {
  by: Party;
  steps: { name: StepName | (string & {}); status: StepStatus }[];
}

export interface Booking {
  id: string;
  status: "pending" | "confirmed" | "failed" | "cancelled";
  start: string;
  end: string;
  timezone: string;
  guest: { name: string; email: string };
  host: string;
  title: string;
  joinUrl?: string;
  passcode?: string;
  note?: string; // the host's, to guests who booked
  steps: { name: StepName | (string & {}); status: StepStatus; at?: string }[];
  reason?: string;
  reasonDetail?: string;
  revision: number; // of the plan: higher after each change
  meetingGone?: boolean; // at Zoom: there is no URL until the host makes a new one
  canCancel: boolean; // by the guest, now
  canReschedule: boolean;
  changeUntil?: string; // where the page says until when
  cancellation?: { by: Party; reason?: CancelReason; message?: string; at: string };
  move?: Move;
  moveFailed?: { start: string; by: Party; reason: string; reasonDetail: string; at: string };
  moved?: { from: string; by: Party; at: string; newUrl: boolean };
}

export type CancelReason = "conflict" | "not_needed" | "other";

export interface FieldProblem {
  field: string;
  code: string;
  detail: string;
}

interface Problem {
  status: number;
  code: string;
  detail: string;
  errors?: FieldProblem[];
}

/** The server's no: nothing was done. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: FieldProblem[] = [],
  ) {
    super(code);
  }
}

/** No answer, or none that tells what was done: asking again may pass. */
export class NoAnswer extends Error {
  constructor(readonly retryAfterSeconds?: number) {
    super("no answer");
  }
}

interface Request {
  language: Language;
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  body?: unknown;
  signal?: AbortSignal;
}

const answerWithinMs = 15_000;

/** Asks the API. It throws a Refusal or NoAnswer. */
export async function call(path: string, { language, method = "GET", headers, body, signal }: Request): Promise<Response> {
  const timeout = AbortSignal.timeout(answerWithinMs);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        "Accept-Language": language,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      cache: "no-store",
    });
  } catch {
    throw new NoAnswer();
  }
  if (response.ok) return response;
  throw await refusal(response);
}

/** The longest Retry-After that is waited out; of a longer one the guest is told. */
const patienceSeconds = 20;

/** What can pass by itself is no refusal: a short wait, or a server's fault without a word of ours. */
async function refusal(response: Response): Promise<Refusal | NoAnswer> {
  const problem = await readProblem(response);
  const known = problem !== undefined && (response.status < 500 || problem.code === "not_accepting");
  const seconds = Number(response.headers.get("Retry-After") ?? undefined);
  if (!known || (response.status === 429 && !(seconds > patienceSeconds))) {
    return new NoAnswer(Number.isFinite(seconds) ? seconds : undefined);
  }
  return new Refusal(response.status, problem.code, problem.detail, problem.errors);
}

async function readProblem(response: Response): Promise<Problem | undefined> {
  try {
    const body: unknown = await response.json();
    const problem = body as Problem;
    return typeof problem?.code === "string" ? problem : undefined;
  } catch {
    return undefined;
  }
}

/** The answer's content; NoAnswer is thrown where it was cut off. */
export async function json<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch {
    throw new NoAnswer();
  }
}

const pagePath = (host: string, page: string) => `/api/pages/${encodeURIComponent(host)}/${encodeURIComponent(page)}`;
export const bookingPath = (id: string) => `/api/bookings/${encodeURIComponent(id)}`;

export interface Place {
  host: string;
  page: string;
}

/** The dates from and to, both included, in the time zone's own dates. */
export interface SlotsAsked {
  from: string;
  to: string;
  timezone: string;
}

export async function getSlots({ host, page }: Place, asked: SlotsAsked, language: Language, signal?: AbortSignal): Promise<Slots> {
  const query = new URLSearchParams({ ...asked });
  return json(await call(`${pagePath(host, page)}/slots?${query}`, { language, ...(signal && { signal }) }));
}

/** Sooner than this after the page was opened, only robots have filled it in. */
export const earliestMs = 2_100; // the server asks for two seconds, and timers are coarse

export async function postBooking({ host, page }: Place, key: string, submission: Submission, language: Language): Promise<Receipt> {
  const body = { ...submission, fillSeconds: performance.now() / 1000 };
  return json(await call(`${pagePath(host, page)}/bookings`, { language, method: "POST", headers: { "Idempotency-Key": key }, body }));
}

/** Has a code mailed, by which guests show that the address is theirs. */
export async function postCode({ host, page }: Place, email: string, language: Language): Promise<void> {
  await call(`${pagePath(host, page)}/codes`, { language, method: "POST", body: { email, locale: language } });
}

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

export async function getBooking(id: string, token: string, language: Language, signal: AbortSignal): Promise<Booking> {
  return json(await call(bookingPath(id), { language, headers: bearer(token), signal }));
}

export async function getInvite(id: string, token: string, language: Language): Promise<Blob> {
  return (await call(`${bookingPath(id)}/invite.ics`, { language, headers: bearer(token) })).blob();
}
