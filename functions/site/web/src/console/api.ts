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

  preview(asked: { page: PageSettings; from: string; to: string; date?: string }, signal?: AbortSignal): Promise<Preview> {
    return this.body("preview", { method: "POST", body: asked, ...(signal && { signal }) });
  }

  // Bookings.

  bookings(filter: BookingFilter, signal?: AbortSignal): Promise<BookingList> {
    return this.body("bookings", { query: { ...filter }, ...(signal && { signal }) });
  }

  booking(id: string, signal?: AbortSignal): Promise<HostBooking> {
    return this.body(bookingPath(id), { ...(signal && { signal }) });
  }

  async cancelBooking(id: string, message: string): Promise<void> {
    await this.ask(`${bookingPath(id)}/cancel`, { method: "POST", body: message ? { message } : {} });
  }

  async retryBooking(id: string): Promise<void> {
    await this.ask(`${bookingPath(id)}/retry`, { method: "POST" });
  }
}

const pagePath = (slug: string) => `pages/${encodeURIComponent(slug)}`;
const bookingPath = (id: string) => `bookings/${encodeURIComponent(id)}`;

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
}

export interface BookingFilter {
  when: "upcoming" | "past";
  status?: string;
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
  reasonText?: string;
  cancellation?: { by: "guest" | "host"; message?: string; at: string };
  canCancel: boolean;
  canRetry: boolean;
  createdAt: string;
}
