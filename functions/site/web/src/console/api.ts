// The host's part of the HTTP contract: what is asked, what is answered, and how
// a no is told from silence.

import { type FieldProblem, NoAnswer, type StepName, type StepStatus } from "../api";
import type { Language } from "../messages";

export { type FieldProblem, NoAnswer };

/** The server's no: nothing was done. Detail is in the language that was asked in. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: readonly FieldProblem[] = [],
  ) {
    super(`${status} ${code}`);
  }
}

/** Nobody is signed in any more; the console has said so already. */
export class SignedOut extends Error {
  constructor() {
    super("signed out");
  }
}

/** Whoever is signed in, as requests need them. */
export interface Bearer {
  /** A token that is good for a while; undefined if nobody is signed in. */
  token(): Promise<string | undefined>;
  /** A new token in the place of one that was refused; undefined if there is none to be had. */
  renew(refused: string): Promise<string | undefined>;
  /** Nothing can be asked any more. */
  ended(): void;
}

export interface Asked {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  query?: Record<string, string | undefined>;
  body?: unknown;
  /** Sent as If-Match: the change is made to this state of the resource or to none. */
  ifMatch?: string;
  signal?: AbortSignal;
}

export interface Answered<T> {
  status: number;
  body: T;
  etag: string | undefined;
}

const answerWithinMs = 20_000;

export class HostAPI {
  constructor(
    private readonly bearer: Bearer,
    private readonly language: () => Language,
  ) {}

  /** Asks once more where the token was refused; throws Problem, NoAnswer or SignedOut. */
  async ask<T>(path: string, asked: Asked = {}): Promise<Answered<T>> {
    const response = await this.fetched(path, asked);
    const etag = response.headers.get("ETag") ?? undefined;
    const empty = response.status === 204 || response.status === 202 || response.headers.get("Content-Length") === "0";
    return { status: response.status, etag, body: empty ? (undefined as T) : await parsed<T>(response) };
  }

  private async fetched(path: string, asked: Asked): Promise<Response> {
    const token = await this.bearer.token();
    let response = token === undefined ? undefined : await this.send(path, asked, token);
    if (response?.status === 401 && token !== undefined) {
      const next = await this.bearer.renew(token);
      response = next === undefined ? undefined : await this.send(path, asked, next);
    }
    if (!response || response.status === 401) {
      this.bearer.ended();
      throw new SignedOut();
    }
    if (!response.ok) throw await refusal(response);
    return response;
  }

  private async send(path: string, { method = "GET", query = {}, body, ifMatch, signal }: Asked, token: string): Promise<Response> {
    const timeout = AbortSignal.timeout(answerWithinMs);
    const given = Object.entries(query).filter((q): q is [string, string] => q[1] !== undefined && q[1] !== "");
    const search = given.length ? `?${new URLSearchParams(given)}` : "";
    try {
      return await fetch(`/api/host/${path}${search}`, {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          "Accept-Language": this.language(),
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...(ifMatch === undefined ? {} : { "If-Match": ifMatch }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        cache: "no-store",
      });
    } catch {
      signal?.throwIfAborted();
      throw new NoAnswer();
    }
  }

  private async body<T>(path: string, asked?: Asked): Promise<T> {
    return (await this.ask<T>(path, asked)).body;
  }

  // The host.

  /** The host's own profile; undefined at the first sign-in. */
  async profile(signal?: AbortSignal): Promise<Profile | undefined> {
    try {
      return await this.body<Profile>("profile", { ...(signal && { signal }) });
    } catch (error) {
      if (error instanceof Problem && error.code === "profile_missing") return undefined;
      throw error;
    }
  }

  saveProfile(profile: ProfileSettings): Promise<Profile> {
    return this.body("profile", { method: "PUT", body: profile });
  }

  /** Everything that is kept of the host, as a file. */
  async exported(): Promise<Blob> {
    return (await this.fetched("export", {})).blob();
  }

  async deleteAccount(handle: string): Promise<void> {
    await this.ask("profile", { method: "DELETE", query: { handle } });
  }

  summary(signal?: AbortSignal): Promise<Summary> {
    return this.body("summary", { ...(signal && { signal }) });
  }

  // Connections and calendars.

  async connections(signal?: AbortSignal): Promise<Connection[]> {
    return (await this.body<{ connections: Connection[] }>("connections", { ...(signal && { signal }) })).connections;
  }

  /** Where the browser goes to connect. */
  async connect(provider: Provider): Promise<string> {
    return (await this.body<{ authorizeUrl: string }>(`connections/${provider}`, { method: "POST" })).authorizeUrl;
  }

  async disconnect(provider: Provider): Promise<void> {
    await this.ask(`connections/${provider}`, { method: "DELETE" });
  }

  calendars(signal?: AbortSignal): Promise<Calendars> {
    return this.body("calendars", { ...(signal && { signal }) });
  }

  // Booking pages.

  async pages(signal?: AbortSignal): Promise<PageRow[]> {
    return (await this.body<{ pages: PageRow[] }>("pages", { ...(signal && { signal }) })).pages;
  }

  page(slug: string, signal?: AbortSignal): Promise<Answered<PageSettings>> {
    return this.ask(pagePath(slug), { ...(signal && { signal }) });
  }

  createPage(settings: Partial<PageSettings>): Promise<Answered<PageSettings>> {
    return this.ask("pages", { method: "POST", body: settings });
  }

  /** Refused with page_changed if the page is no longer the one that the ETag names. */
  savePage(slug: string, settings: PageSettings, ifMatch: string): Promise<Answered<PageSettings>> {
    return this.ask(pagePath(slug), { method: "PUT", body: settings, ifMatch });
  }

  async deletePage(slug: string): Promise<void> {
    await this.ask(pagePath(slug), { method: "DELETE" });
  }

  preview(asked: { page: Partial<PageSettings>; from: string; to: string; date?: string }, signal?: AbortSignal): Promise<Preview> {
    return this.body("preview", { method: "POST", body: asked, ...(signal && { signal }) });
  }

  // Bookings.

  bookings(filter: BookingFilter, signal?: AbortSignal): Promise<BookingList> {
    return this.body("bookings", { query: { ...filter }, ...(signal && { signal }) });
  }

  booking(id: string, signal?: AbortSignal): Promise<HostBooking> {
    return this.body(bookingPath(id), { ...(signal && { signal }) });
  }

  async cancelBooking(id: string, { reason, message }: { reason: CancelReason | ""; message: string }): Promise<void> {
    await this.ask(`${bookingPath(id)}/cancel`, { method: "POST", body: { ...(reason && { reason }), ...(message && { message }) } });
  }

  /** Moves the booking; to where it stands already: makes anew what was lost of it, or puts it back there. */
  async rescheduleBooking(id: string, start: string, message: string): Promise<void> {
    await this.ask(`${bookingPath(id)}/reschedule`, { method: "POST", body: { start, ...(message && { message }) } });
  }

  async retryBooking(id: string): Promise<void> {
    await this.ask(`${bookingPath(id)}/retry`, { method: "POST" });
  }

  /** Has the bookings compared with what stands at Zoom and in the calendars. */
  async check(): Promise<void> {
    await this.ask("check", { method: "POST" });
  }

  // Team notices.

  hooks(signal?: AbortSignal): Promise<HookList> {
    return this.body("hooks", { ...(signal && { signal }) });
  }

  createHook(settings: HookSettings): Promise<Hook> {
    return this.body("hooks", { method: "POST", body: settings });
  }

  saveHook(id: string, settings: HookSettings): Promise<Hook> {
    return this.body(hookPath(id), { method: "PUT", body: settings });
  }

  async deleteHook(id: string): Promise<void> {
    await this.ask(hookPath(id), { method: "DELETE" });
  }

  /** A new secret in the place of the one there was. */
  async renewSecret(id: string): Promise<string> {
    return (await this.body<{ secret: string }>(`${hookPath(id)}/secret`, { method: "POST" })).secret;
  }

  async testHook(id: string): Promise<void> {
    await this.ask(`${hookPath(id)}/test`, { method: "POST" });
  }

  deliveries(id: string, cursor?: string, signal?: AbortSignal): Promise<DeliveryList> {
    return this.body(`${hookPath(id)}/deliveries`, { query: { cursor }, ...(signal && { signal }) });
  }

  async replay(id: string, delivery: string): Promise<void> {
    await this.ask(`${hookPath(id)}/deliveries/${encodeURIComponent(delivery)}/replay`, { method: "POST" });
  }

  // API keys.

  keys(signal?: AbortSignal): Promise<KeyList> {
    return this.body("keys", { ...(signal && { signal }) });
  }

  createKey(settings: KeySettings): Promise<MadeKey> {
    return this.body("keys", { method: "POST", body: settings });
  }

  async revokeKey(id: string): Promise<void> {
    await this.ask(`keys/${encodeURIComponent(id)}`, { method: "DELETE" });
  }
}

const pagePath = (slug: string) => `pages/${encodeURIComponent(slug)}`;
const bookingPath = (id: string) => `bookings/${encodeURIComponent(id)}`;
const hookPath = (id: string) => `hooks/${encodeURIComponent(id)}`;

/** A problem document is a no; anything else that failed tells nothing of what was done. */
async function refusal(response: Response): Promise<Problem | NoAnswer> {
  const seconds = Number(response.headers.get("Retry-After") ?? undefined);
  const silence = new NoAnswer(Number.isFinite(seconds) ? seconds : undefined);
  try {
    const p = (await response.json()) as { code?: unknown; detail?: string; errors?: FieldProblem[] };
    if (typeof p.code !== "string") return silence;
    return new Problem(response.status, p.code, p.detail ?? "", p.errors ?? []);
  } catch {
    return silence;
  }
}

async function parsed<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch {
    throw new NoAnswer();
  }
}

// What goes over the wire.

export interface ProfileSettings {
  handle: string;
  name: string;
  timezone: string;
  locale: Language;
  retentionDays?: number;
}

export interface Profile extends ProfileSettings {
  email: string;
  retentionDays: number; // 0: for as long as the account is
}

export interface Summary {
  bookingsThisWeek: number;
  upcoming: number;
  needsAttention: number;
  publishedPages: number;
  draftPages: number;
  next?: BookingRow;
  check?: Check;
}

/** The last comparison of the host's bookings with what stands outside. */
export interface Check {
  at?: string; // none yet without it
  differences: number;
}

export const providers = ["zoom", "google", "microsoft"] as const;
export type Provider = (typeof providers)[number];

export interface Connection {
  provider: Provider;
  available: boolean; // whether this deployment has a client for it
  status: "connected" | "disconnected" | "reauthorize";
  account?: string;
  since?: string;
  checkedAt?: string;
  warnings: string[];
  upcomingBookings: number;
}

export interface Calendars {
  calendars: { provider: Provider; id: string; name: string; primary: boolean; writable: boolean }[];
  problems: { provider: Provider; code: "reauthorize" | "unavailable" }[];
}

export interface PageRow {
  slug: string;
  title: string;
  published: boolean;
  durationMinutes: number;
  format: "web";
  platform: "zoom";
  accepting: boolean;
  problems: string[];
  upcomingBookings: number;
}

export interface Window {
  from: string;
  to: string;
}

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

export interface CalendarRef {
  provider: "google" | "microsoft";
  id: string;
}

export interface PageQuestion {
  id: string;
  label: string;
  type: "text" | "textarea" | "select" | "multiselect" | "checkbox";
  required: boolean;
  options: string[];
}

/** All that a host sets on a page (DESIGN §5, shared/page). */
export interface PageSettings {
  slug: string;
  title: string;
  description: string;
  published: boolean;
  timezone: string;
  locale: Language;
  durationMinutes: number;
  slotIntervalMinutes: number;
  bufferBeforeMinutes: number;
  bufferAfterMinutes: number;
  minNoticeMinutes: number;
  horizonDays: number;
  maxPerDay: number; // 0: no limit
  changeNoticeMinutes: number; // 0: guests may cancel and move until the start
  weekly: Record<Weekday, Window[]>;
  overrides: { date: string; windows: Window[] }[];
  holidays: "JP" | "";
  format: "web";
  platform: "zoom";
  zoom: { waitingRoom: boolean; passcode: boolean; autoSummary: "account" | "on" | "off" };
  calendars: { write: CalendarRef; check: CalendarRef[] };
  questions: PageQuestion[];
  reminders: { minutesBefore: number }[];
  confirmationNote: string;
  phone: "off" | "optional" | "required";
  maxCoAttendees: number;
  consent: { text: string; url: string; version: string };
  verifyEmail: boolean;
  brand: { accentColor: string; logo: string };
  embedOrigins: string[];
}

export interface Preview {
  timezone: string;
  slots: { start: string; end: string }[];
  day?: {
    date: string;
    slots: { start: string; end: string; open: boolean; reason?: string }[];
    closed?: string;
  };
}

export type BookingStatus = "pending" | "confirmed" | "failed" | "cancelled";

export interface BookingRow {
  id: string;
  page: string;
  title: string;
  start: string;
  end: string;
  status: BookingStatus;
  reason?: string;
  guest: { name: string; email: string; company?: string };
  needsAttention: boolean;
  differs: boolean; // deleted or moved outside
}

export const concerns = ["attention", "differs"] as const;
export type Concern = (typeof concerns)[number];

export interface BookingFilter {
  when: "upcoming" | "past";
  status?: string;
  concern?: string;
  page?: string;
  q?: string;
  from?: string;
  to?: string;
  cursor?: string;
}

export interface BookingList {
  bookings: BookingRow[];
  cursor?: string; // what follows, if anything does
}

export type HostStep = StepName | "notice" | "attendees";

export const cancelReasons = ["conflict", "not_needed", "other"] as const;
export type CancelReason = (typeof cancelReasons)[number];

/** Characters that a message to the guest may have. */
export const messageLimit = 1000;

export type Party = "guest" | "host";

/** What stands of a booking outside. */
export type Part = "meeting" | "event";

/** Something of a booking that was deleted, or moved, at Zoom or in the calendar. */
export interface Difference {
  what: Part;
  gone: boolean;
  start?: string; // where it stands instead
  end?: string;
  foundAt: string;
}

/** A change of plan under way: the booking stands where it stood until it has come about. */
export interface Move {
  start: string;
  end: string;
  by: Party;
  steps: { name: Part | "mail" | (string & {}); status: StepStatus }[];
}

export interface MoveFailed {
  start: string;
  by: Party;
  reason: string;
  reasonDetail: string;
  at: string;
}

export interface Moved {
  from: string;
  by: Party;
  at: string;
  newUrl: boolean;
}

export interface HostBooking extends Omit<BookingRow, "guest"> {
  timezone: string;
  guest: {
    name: string;
    email: string;
    company?: string;
    phone?: string;
    timezone: string;
    locale: Language;
    coAttendees?: string[];
  };
  answers: { label: string; value: string }[];
  consent?: { text: string; url?: string; version: string; at: string };
  steps: { name: HostStep | (string & {}); status: StepStatus; at?: string }[];
  joinUrl?: string;
  passcode?: string;
  zoomMeetingId?: string;
  calendar?: { provider: Provider; id: string };
  calendarUrl?: string;
  zoomUrl?: string;
  reasonText?: string;
  cancellation?: { by: Party; reason?: CancelReason; message?: string; at: string };
  differences: Difference[];
  left: { what: Part; url?: string }[]; // what could not be taken away outside
  move?: Move;
  moveFailed?: MoveFailed;
  moved?: Moved;
  canCancel: boolean;
  canReschedule: boolean;
  canRetry: boolean;
  createdAt: string;
}

export const hookFormats = ["slack", "google_chat", "json"] as const;
export type HookFormat = (typeof hookFormats)[number];

export const hookEvents = ["booking.confirmed", "booking.rescheduled", "booking.cancelled", "booking.failed"] as const;
export type HookEvent = (typeof hookEvents)[number];

export interface HookSettings {
  url: string;
  format: HookFormat; // does not change
  events: HookEvent[];
  active: boolean;
}

/** An address to which notices of bookings are sent. */
export interface Hook extends HookSettings {
  id: string;
  off?: { reason: "gone" | "failing" | (string & {}); at: string }; // if not by its host
  failingSince?: string;
  secret?: string; // once, when it was made
  createdAt: string;
  lastDelivery?: { at: string; status: DeliveryStatus };
}

export interface HookList {
  hooks: Hook[];
  most: number;
}

export type DeliveryStatus = "waiting" | "delivered" | "failed";

export interface Attempt {
  at: string;
  status?: number; // of the answer
  error?: string; // why there was none
  millis: number;
}

export interface Delivery {
  id: string;
  event: HookEvent | "test" | (string & {});
  booking?: string;
  createdAt: string;
  status: DeliveryStatus;
  attempts: Attempt[];
  nextAt?: string; // of one that waits
}

export interface DeliveryList {
  deliveries: Delivery[];
  cursor?: string; // what follows, if anything does
}

export const keyScopes = ["profile:read", "bookings:read", "bookings:write", "pages:read", "pages:write", "hooks:read", "hooks:write"] as const;
export type KeyScope = (typeof keyScopes)[number];

export interface KeySettings {
  name: string;
  scopes: KeyScope[];
  expiresInDays?: number; // without end if left out
}

/** What lets a program of the host's use the API. */
export interface Key {
  id: string;
  name: string;
  scopes: KeyScope[];
  ending: string; // of the key itself
  createdAt: string;
  expiresAt?: string;
  expired: boolean;
  lastUsedOn?: string; // a date
}

export interface MadeKey extends Key {
  key: string; // shown once
}

export interface KeyList {
  keys: Key[];
  most: number;
}
