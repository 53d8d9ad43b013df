// The local run as `make run` starts it, what can be made to fail in it, and
// what exists outside of it: at Zoom, in the calendar, in the mailbox.

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Receipt, Slot, Slots, Submission } from "../src/api";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** A provider that stays silent holds the saga for some seconds; retries follow almost at once. */
const settings = { PROVIDER_TIMEOUT: "2s", EFFECT_WITHIN: "3s", RETRY_SCALE: "0.02" };

interface Addresses {
  front: string;
  mailbox: string;
  zoom: string;
  google: string;
  faults: string;
  dynamodb: string;
}

/** A rule of infra/local/fault. */
interface Fault {
  match: string;
  kind: "error" | "hang_before";
  status?: number;
  body?: string;
  times?: number; // all, until they are mended
}

const hostEmail = "demo@yakusoku.example";

/** Ways to fail, as the providers do it. */
export const faults = {
  zoomDeniesToken: { match: "zoom POST /oauth/token", kind: "error", status: 400, body: '{"reason":"Invalid authorization code","error":"invalid_grant"}' },
  zoomTokenDown: { match: "zoom POST /oauth/token", kind: "error", status: 503, body: "<html>unavailable</html>" },
  zoomSilent: { match: "zoom POST /v2/users/me/meetings", kind: "hang_before" },
  zoomRefuses: { match: "zoom POST /v2/users/me/meetings", kind: "error", status: 400, body: '{"code":3161,"message":"Your user settings do not allow this."}' },
  zoomChangeSilent: { match: "zoom PATCH /v2/meetings/*", kind: "hang_before" },
  zoomChangeRefused: { match: "zoom PATCH /v2/meetings/*", kind: "error", status: 400, body: '{"code":3161,"message":"Your user settings do not allow this."}' },
  calendarRefuses: {
    match: "google POST /calendar/v3/calendars/*/events",
    kind: "error",
    status: 403,
    body: '{"error":{"code":403,"message":"Forbidden","errors":[{"domain":"calendar","reason":"forbidden","message":"Forbidden"}]}}',
  },
  calendarKeeps: {
    match: "google PATCH /calendar/v3/calendars/*/events/*",
    kind: "error",
    status: 403,
    body: '{"error":{"code":403,"message":"Forbidden","errors":[{"domain":"calendar","reason":"forbidden","message":"Forbidden"}]}}',
    times: 1, // what was begun can be taken back
  },
  zoomHesitates: { match: "zoom PATCH /v2/meetings/*", kind: "hang_before" },
} satisfies Record<string, Fault>;

interface Meeting {
  id: number;
  agenda: string;
  joinUrl: string;
  passcode: string;
  start: string;
  deleted: boolean;
}

interface CalendarEvent {
  id: string;
  booking?: string;
  status: string;
  description: string;
  start: string;
}

interface Mail {
  destination: { to: string[] };
  subject: string;
  body: { text: string };
}

/** What exists of a booking outside. */
interface Outside {
  meetings: Meeting[];
  events: CalendarEvent[];
  mails: Mail[]; // to its guest
  hostMails: Mail[];
}

export class Stack {
  private constructor(
    private readonly run: ChildProcess,
    private readonly folder: string,
    private readonly at: Addresses,
  ) {}

  /** Starts a stack with nothing in it but the demo host. */
  static async start(): Promise<Stack> {
    const folder = await mkdtemp(join(tmpdir(), "yakusoku-e2e-"));
    const run = spawn(join(root, ".build", "local"), ["-follow"], {
      cwd: root,
      env: { ...process.env, LOCAL_DIR: folder, PORT: "0", ENV_FILE: devNull, ...settings },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let complaints = "";
    run.stderr?.on("data", (text: Buffer) => (complaints += text.toString()));
    const ended = once(run, "exit").then(() => Promise.reject(new Error(`the local run ended (was it built?): ${complaints}`)));
    await Promise.race([once(run.stdout, "data"), ended]); // it says that it is ready
    ended.catch(() => undefined);
    run.stdout?.resume();
    return new Stack(run, folder, JSON.parse(await readFile(join(folder, "ports.json"), "utf8")) as Addresses);
  }

  async stop(): Promise<void> {
    const ended = once(this.run, "exit");
    if (this.run.exitCode === null && this.run.kill("SIGTERM")) await ended;
    await rm(this.folder, { recursive: true, force: true });
  }

  get front(): string {
    return this.at.front;
  }

  /** Makes calls fail until they are mended. */
  async fail(fault: Fault): Promise<void> {
    await ask(this.at.faults, { method: "POST", body: JSON.stringify(fault) });
  }

  async mend(): Promise<void> {
    await ask(this.at.faults, { method: "DELETE" });
  }

  /** Ends a Zoom user's grant without a word, as it can happen at Zoom: by default the demo host's. */
  async revokeZoom(user = hostEmail): Promise<void> {
    await ask(`${this.at.zoom}/_revoke`, { method: "POST", body: JSON.stringify({ user, quiet: true }) });
  }

  /** Opens or changes an account at Zoom. */
  async zoomUser(user: string, change: { type?: 1 | 2 | 4; autoSummary?: boolean; approved?: boolean }): Promise<void> {
    await ask(`${this.at.zoom}/_user`, { method: "POST", body: JSON.stringify({ user, ...change }) });
  }

  /** Whether Zoom holds a grant of that user's for us. */
  async zoomConnected(user: string): Promise<boolean> {
    const { users } = (await read(`${this.at.zoom}/_state`)) as { users: { user: string; connected: boolean }[] };
    return users.some((u) => u.user === user && u.connected);
  }

  /** Lets the time run out in which a connection that has begun must be completed. */
  async outwaitAttempt(state: string): Promise<void> {
    const [table] = (await this.dynamo<{ TableNames: string[] }>("ListTables", {})).TableNames;
    await this.dynamo("UpdateItem", {
      TableName: table,
      Key: { pk: { S: `STATE#${state}` }, sk: { S: "STATE" } },
      UpdateExpression: "SET #data.Ends = :past",
      ConditionExpression: "attribute_exists(pk)",
      ExpressionAttributeNames: { "#data": "data" },
      ExpressionAttributeValues: { ":past": { S: new Date(Date.now() - 1000).toISOString() } },
    });
  }

  private async dynamo<T>(operation: string, body: unknown): Promise<T> {
    const headers = {
      "Content-Type": "application/x-amz-json-1.0",
      "X-Amz-Target": `DynamoDB_20120810.${operation}`,
      "X-Amz-Date": new Date().toISOString().replace(/[-:]|\.\d+/g, ""),
      Authorization: "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=none",
    };
    return (await read(this.at.dynamodb, { method: "POST", headers, body: JSON.stringify(body) })) as T;
  }

  /** Open slots of a page, in the next 40 days; in some zones it is still yesterday. */
  async slots(timezone: string, slug = "intro", host = "demo"): Promise<Slot[]> {
    const day = (ahead: number) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
    const query = new URLSearchParams({ from: day(-1), to: day(40), timezone });
    return ((await read(`${this.front}/api/pages/${host}/${slug}/slots?${query}`)) as Slots).slots;
  }

  async offers(start: string): Promise<boolean> {
    return (await this.slots("UTC")).some((s) => Date.parse(s.start) === Date.parse(start));
  }

  /** Books as another guest would. */
  async book(start: string, { host = "demo", slug = "intro", name = "Somebody Else", email = "somebody@example.com" } = {}): Promise<Receipt> {
    const submission: Submission = { start, guest: { name, email, timezone: "UTC", locale: "en" } };
    const headers = { "Content-Type": "application/json", "Idempotency-Key": randomUUID() };
    return (await read(`${this.front}/api/pages/${host}/${slug}/bookings`, { method: "POST", headers, body: JSON.stringify(submission) })) as Receipt;
  }

  /** Moves a booking as its guest does. */
  async reschedule({ id, token }: Receipt, start: string): Promise<void> {
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}` };
    await ask(`${this.front}/api/bookings/${id}/reschedule`, { method: "POST", headers, body: JSON.stringify({ start }) });
  }

  // What the demo host does at Zoom and in the calendar themselves.

  async deleteMeeting({ id }: Meeting): Promise<void> {
    await ask(`${this.at.zoom}/_meetings/${id}`, { method: "DELETE" });
  }

  async moveMeeting({ id }: Meeting, start: string): Promise<void> {
    await ask(`${this.at.zoom}/_meetings/${id}`, { method: "PATCH", body: JSON.stringify({ start }) });
  }

  async deleteEvent({ id }: CalendarEvent): Promise<void> {
    await ask(`${this.at.google}/_events/${id}?user=${hostEmail}`, { method: "DELETE" });
  }

  async moveEvent({ id }: CalendarEvent, { start, end }: Slot): Promise<void> {
    await ask(`${this.at.google}/_events/${id}?user=${hostEmail}`, { method: "PATCH", body: JSON.stringify({ start: { dateTime: start }, end: { dateTime: end } }) });
  }

  /** The stored reason of a failed booking, in words. */
  async reason(id: string, token: string, language: string): Promise<string | undefined> {
    const headers = { Authorization: `Bearer ${token}`, "Accept-Language": language };
    return ((await read(`${this.front}/api/bookings/${id}`, { headers })) as { reasonDetail?: string }).reasonDetail;
  }

  /** What stands outside for a booking: meetings and events that were undone are left out. */
  async outside({ id, email }: { id: string; email: string }): Promise<Outside> {
    const { meetings } = (await read(`${this.at.zoom}/_state`)) as { meetings: Meeting[] };
    const { events } = (await read(`${this.at.google}/_state`)) as { events: CalendarEvent[] };
    return {
      meetings: meetings.filter((m) => m.agenda.includes(id) && !m.deleted),
      events: events.filter((e) => e.booking === id && e.status === "confirmed"),
      mails: await this.mailsTo(email),
      hostMails: (await this.mailsTo(hostEmail)).filter((mail) => mail.body.text.includes(email)),
    };
  }

  async mailsTo(email: string): Promise<Mail[]> {
    const { emails } = (await read(`${this.at.mailbox}/store`)) as { emails: Mail[] };
    return emails.filter((mail) => mail.destination.to.some((to) => to.includes(email)));
  }
}

async function ask(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${init?.method ?? "GET"} ${url}: ${response.status} ${await response.text()}`);
  return response;
}

const read = async (url: string, init?: RequestInit): Promise<unknown> => (await ask(url, init)).json();
