// Every screen of the console, and the shortest way to it.

import { expect } from "@playwright/test";
import { type Delivery, type Hook, type HostBooking, type KeyList, type KeySettings, keyScopes, type Summary } from "../../src/console/api";
import { en as keysEn } from "../../src/console/keys/messages/en";
import { ja as keysJa } from "../../src/console/keys/messages/ja";
import { en as noticesEn } from "../../src/console/notices/messages/en";
import { ja as noticesJa } from "../../src/console/notices/messages/ja";
import { faults, type Stack } from "../stack";
import { Editor } from "./editor";
import type { Host } from "./host";

/** Who meets the screen: somebody new, or the demo host. */
interface People {
  host: Host;
  demo: Host;
  stack: Stack;
}

const signedIn = async (demo: Host, path: string, heading: string) => {
  await demo.comeBack(path);
  await expect(demo.screen(heading)).toBeVisible();
  await expect(demo.page.locator(".busy")).toHaveCount(0);
};

/** Has the API say of a booking what takes days, or a provider's outage, to come about. */
const told = async (demo: Host, id: string, change: (b: HostBooking) => Partial<HostBooking>) => {
  let said: HostBooking | undefined; // once: a screen that follows the booking asks as long as it is open
  await demo.page.route(`**/api/host/bookings/${id}`, async (route) => {
    if (!said) {
      const body = (await (await route.fetch()).json()) as HostBooking;
      said = { ...body, ...change(body) };
    }
    await route.fulfill({ json: said });
  });
};

const notices = { en: noticesEn, ja: noticesJa };
const noticesPath = "/console/integrations/notices";

/** Has a host's notices in each state. */
const haveNotices = async (host: Host): Promise<Hook[]> => {
  const hooks: Hook[] = [];
  for (const [url, format] of [
    ["https://hooks.slack.com/services/T0001/B0001/abcdefghijkl", "slack"],
    ["https://chat.googleapis.com/v1/spaces/AAAA/messages?key=k&token=tokentoken", "google_chat"],
    ["https://crm.example.com/hooks/yakusoku", "json"],
  ]) {
    const { body } = await host.ask("hooks", "POST", { url, format, ...(format === "google_chat" && { events: ["booking.confirmed", "booking.cancelled"], active: false }) });
    hooks.push(body as Hook);
  }
  return hooks;
};

const apiKeys = { en: keysEn, ja: keysJa };
const keysPath = "/console/integrations/keys";

/** Has a host's API keys in each state: one in use, one that nothing uses, one that has expired. */
const haveKeys = async (host: Host): Promise<void> => {
  const names = { ja: ["CRM連携", "月次レポート（経理部）", "採用サイト"], en: ["CRM", "Monthly report of the accounting team", "Careers site"] }[host.language];
  const made: KeySettings[] = [
    { name: names[0] ?? "", scopes: ["bookings:read", "bookings:write"], expiresInDays: 365 },
    { name: names[1] ?? "", scopes: [...keyScopes] },
    { name: names[2] ?? "", scopes: ["pages:read"], expiresInDays: 30 },
  ];
  for (const settings of made) await host.ask("keys", "POST", settings);
  await host.page.route("**/api/host/keys", async (route) => {
    const response = await route.fetch();
    const list = (await response.json()) as KeyList;
    const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString();
    const [used, unused, over] = list.keys;
    if (used) used.lastUsedOn = day(1).slice(0, 10);
    if (over) Object.assign(over, { expired: true, createdAt: day(40), expiresAt: day(10), lastUsedOn: day(12).slice(0, 10) });
    await route.fulfill({ response, json: { ...list, keys: [used, unused, over] } });
  });
};

/** A log in which everything has happened. */
const logged = (now: Date): Delivery[] => {
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
  return [
    { id: "e", event: "booking.cancelled", booking: "b2", createdAt: ago(3), status: "waiting", attempts: [{ at: ago(3), error: "timeout", millis: 10_000 }], nextAt: ago(-180) },
    { id: "d", event: "booking.rescheduled", booking: "b2", createdAt: ago(90), status: "failed", attempts: [{ at: ago(90), status: 500, millis: 231 }, { at: ago(80), status: 404, millis: 88 }] },
    { id: "c", event: "booking.confirmed", booking: "b2", createdAt: ago(1500), status: "delivered", attempts: [{ at: ago(1500), status: 204, millis: 143 }] },
    { id: "b", event: "test", createdAt: ago(1600), status: "delivered", attempts: [{ at: ago(1600), status: 200, millis: 120 }] },
  ];
};

/** A stamp so many hours later, on the same clock. */
const later = (stamp: string, hours: number) => `${new Date(Date.parse(stamp) + (hours + 9) * 3_600_000).toISOString().slice(0, 19)}+09:00`;

export const screens: Record<string, (people: People) => Promise<void>> = {
  "console-sign-in": async ({ demo }) => {
    await demo.page.goto("/console");
    await expect(demo.button(demo.m.signIn.go)).toBeVisible();
  },
  "console-signed-out": async ({ demo }) => {
    await demo.page.goto("/console/signed-out");
    await expect(demo.screen(demo.m.signIn.outHeading)).toBeVisible();
  },
  "console-welcome": async ({ host }) => {
    host.expectComplaint(/status of 404/);
    await host.signIn();
    await expect(host.screen(host.m.welcome.heading)).toBeVisible();
  },
  "console-welcome-errors": async ({ host }) => {
    host.expectComplaint(/status of 404/);
    await host.signIn();
    await host.field(host.m.welcome.handle).fill("-");
    await host.field(host.m.welcome.name).fill("");
    await host.button(host.m.welcome.start).click();
    await expect(host.page.getByRole("alert")).toBeVisible();
  },
  "console-home-new": async ({ host }) => {
    await host.signUp();
    await expect(host.heading(host.m.home.checklist)).toBeVisible();
  },
  "console-home": async ({ demo, stack }) => {
    await stack.book((await stack.slots("Asia/Tokyo"))[3]?.start ?? "", { name: "予約 太郎" });
    await demo.comeBack();
    await expect(demo.rows.first()).toBeVisible();
    await expect(demo.page.locator(".busy")).toHaveCount(0);
  },
  "console-home-differs": async ({ demo }) => {
    await demo.page.route("**/api/host/summary", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...((await response.json()) as Summary), needsAttention: 1, check: { at: new Date().toISOString(), differences: 2 } } });
    });
    await demo.comeBack();
    await expect(demo.button(demo.m.home.checkNow)).toBeVisible();
    await expect(demo.page.locator(".busy")).toHaveCount(0);
  },
  "console-home-failed": async ({ demo }) => {
    demo.expectComplaint(/status of 502/);
    await demo.page.route(/\/api\/host\/(summary|bookings)/, (route) => route.fulfill({ status: 502, body: "" }));
    await demo.comeBack();
    await expect(demo.page.getByRole("alert").first()).toBeVisible();
  },
  "console-integrations": ({ demo }) => signedIn(demo, "/console/integrations", demo.m.integrations.heading),
  "console-integrations-new": async ({ host }) => {
    await host.signUp();
    await host.toIntegrations();
    await expect(host.connection("zoom")).toBeVisible();
  },
  "console-connected": async ({ host, stack }) => {
    await stack.zoomUser(host.email, { autoSummary: true });
    await host.signUp();
    await host.toIntegrations();
    await host.connectZoom(host.email);
    await host.seesConnected("zoom");
  },
  "console-refused": async ({ host, stack }) => {
    await stack.zoomUser(host.email, { type: 1 });
    await host.signUp();
    await host.toIntegrations();
    await host.connectZoom(host.email);
    await host.seesRefusal("zoom_plan_unsupported");
  },
  "console-reconnect": async ({ demo }) => {
    await demo.page.route("**/api/host/connections", async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as { connections: { status: string }[] };
      await route.fulfill({ response, json: { connections: body.connections.map((c) => (c.status === "connected" ? { ...c, status: "reauthorize" } : c)) } });
    });
    await signedIn(demo, "/console/integrations", demo.m.integrations.heading);
  },
  "console-disconnect": async ({ demo }) => {
    await signedIn(demo, "/console/integrations", demo.m.integrations.heading);
    await demo.button(demo.m.integrations.disconnectOf("zoom")).click();
    await expect(demo.dialog).toBeVisible();
  },
  "console-connect-zoom": ({ demo }) => signedIn(demo, "/console/integrations/zoom", demo.m.connect.heading("zoom")),
  "console-connect-google": ({ demo }) => signedIn(demo, "/console/integrations/google", demo.m.connect.heading("google")),
  "console-connect-microsoft": ({ demo }) => signedIn(demo, "/console/integrations/microsoft", demo.m.connect.heading("microsoft")),
  "console-approval": ({ demo }) => signedIn(demo, "/console/integrations/zoom/approval", demo.m.approval.heading),
  "console-notices-none": async ({ host }) => {
    await host.signUp();
    await host.page.goto(noticesPath);
    await expect(host.page.getByText(notices[host.language].empty)).toBeVisible();
  },
  "console-notices": async ({ host }) => {
    await host.signUp();
    await haveNotices(host);
    await host.page.goto(noticesPath);
    await expect(host.rows).toHaveCount(3);
  },
  "console-notice-new": async ({ host }) => {
    await host.signUp();
    await host.page.goto(`${noticesPath}/new`);
    await host.button(notices[host.language].create).click();
    await expect(host.page.getByRole("alert")).toBeVisible();
  },
  "console-notice-secret": async ({ host }) => {
    const n = notices[host.language];
    await host.signUp();
    await host.page.goto(`${noticesPath}/new`);
    await host.page.getByRole("radio", { name: n.formats.json }).check();
    await host.field(n.url).fill("https://crm.example.com/hooks/yakusoku");
    await host.button(n.create).click();
    await expect(host.dialog).toBeVisible();
    await host.dialog.getByText(n.secret.how).click();
  },
  "console-notice": async ({ host }) => {
    await host.signUp();
    const hook = (await haveNotices(host))[2];
    await host.page.route("**/deliveries", (route) => route.fulfill({ json: { deliveries: logged(new Date()) } }));
    await host.page.route("**/api/host/hooks", async (route) => {
      const response = await route.fetch();
      const list = (await response.json()) as { hooks: Hook[]; most: number };
      await route.fulfill({ response, json: { ...list, hooks: list.hooks.map((h) => ({ ...h, failingSince: new Date(Date.now() - 5_400_000).toISOString() })) } });
    });
    await host.page.goto(`${noticesPath}/${hook?.id}`);
    await expect(host.page.locator(".delivery")).toHaveCount(4);
    await host.page.locator(".delivery summary").nth(1).click();
  },
  "console-notice-remove": async ({ host }) => {
    await host.signUp();
    const hook = (await haveNotices(host))[0];
    await host.page.goto(`${noticesPath}/${hook?.id}`);
    await host.button(notices[host.language].remove.go).click();
    await expect(host.dialog).toBeVisible();
  },
  "console-keys-none": async ({ host }) => {
    await host.signUp();
    await host.page.goto(keysPath);
    await expect(host.page.getByText(apiKeys[host.language].empty)).toBeVisible();
  },
  "console-keys": async ({ host }) => {
    await host.signUp();
    await haveKeys(host);
    await host.page.goto(keysPath);
    await expect(host.page.locator(".api-keys .row")).toHaveCount(3);
  },
  "console-key-new": async ({ host }) => {
    await host.signUp();
    await host.page.goto(`${keysPath}/new`);
    await host.button(apiKeys[host.language].create).click();
    await expect(host.page.getByRole("alert")).toBeVisible();
  },
  "console-key-made": async ({ host }) => {
    const k = apiKeys[host.language];
    await host.signUp();
    await host.page.goto(`${keysPath}/new`);
    await host.field(k.name).fill("CRM");
    await host.page.getByRole("checkbox", { name: k.scopeNames["bookings:read"] }).check();
    await host.button(k.create).click();
    await expect(host.dialog).toBeVisible();
  },
  "console-key-revoke": async ({ host }) => {
    const k = apiKeys[host.language];
    await host.signUp();
    await host.ask("keys", "POST", { name: "CRM", scopes: ["bookings:read", "hooks:write"] });
    await host.page.goto(keysPath);
    await host.button(k.revoke.of("CRM")).click();
    await expect(host.dialog).toBeVisible();
  },
  "console-bookings": async ({ demo, stack }) => {
    for (const { start } of (await stack.slots("Asia/Tokyo")).slice(10, 14)) await stack.book(start, { name: "Terry Booker" });
    await signedIn(demo, "/console/bookings", demo.m.bookings.heading);
    await expect(demo.rows.first()).toBeVisible();
  },
  "console-bookings-none": async ({ host }) => {
    await host.signUp();
    await host.goTo("bookings");
    await expect(host.page.getByText(host.m.bookings.noneUpcoming)).toBeVisible();
  },
  "console-bookings-nothing-found": async ({ demo }) => {
    await signedIn(demo, "/console/bookings?q=nobody-is-called-so", demo.m.bookings.heading);
    await expect(demo.page.getByText(demo.m.bookings.noneFound)).toBeVisible();
  },
  "console-booking": async ({ demo, stack }) => {
    const { id } = await stack.book((await stack.slots("Asia/Tokyo"))[20]?.start ?? "", { name: "予約 太郎" });
    await demo.comeBack(`/console/bookings/${id}`);
    await expect(demo.link(demo.m.booking.join)).toBeVisible();
  },
  "console-booking-failed": async ({ demo, stack }) => {
    await stack.fail(faults.zoomRefuses);
    const { id } = await stack.book((await stack.slots("Asia/Tokyo"))[21]?.start ?? "", { name: "予約 太郎" });
    await demo.comeBack(`/console/bookings/${id}`);
    await expect(demo.heading(demo.m.booking.wrong)).toBeVisible();
  },
  "console-cancel": async ({ demo, stack }) => {
    const { id } = await stack.book((await stack.slots("Asia/Tokyo"))[22]?.start ?? "", { name: "予約 太郎" });
    await demo.comeBack(`/console/bookings/${id}`);
    await demo.button(demo.m.booking.cancel).click();
    await expect(demo.dialog).toBeVisible();
  },
  "console-reschedule": async ({ demo, stack }) => {
    const { id } = await stack.book((await stack.slots("Asia/Tokyo"))[23]?.start ?? "", { name: "予約 太郎" });
    await demo.comeBack(`/console/bookings/${id}`);
    await demo.button(demo.m.booking.reschedule).click();
    await demo.moveDialog.getByRole("list", { name: demo.m.booking.move.openTimes }).getByRole("button").first().click();
    await demo.moveDialog.getByText(demo.m.booking.move.why).click();
    await expect(demo.moveDialog.locator(".why li").first()).toBeVisible();
  },
  "console-booking-moving": async ({ demo, stack }) => {
    const slots = await stack.slots("Asia/Tokyo");
    const booking = await stack.book(slots[24]?.start ?? "", { name: "予約 太郎" });
    await demo.comeBack(`/console/bookings/${booking.id}`);
    await expect(demo.standing).toHaveText(demo.m.bookings.statuses.confirmed);
    await told(demo, booking.id, (b) => ({
      move: {
        start: later(b.start, 24),
        end: later(b.end, 24),
        by: "guest",
        steps: [
          { name: "meeting", status: "done" },
          { name: "event", status: "started" },
          { name: "mail", status: "waiting" },
        ],
      },
    }));
    await demo.page.reload();
    await expect(demo.heading(demo.m.booking.move.underWay)).toBeVisible();
  },
  "console-booking-moved": async ({ demo, stack }) => {
    const start = (await stack.slots("Asia/Tokyo"))[25]?.start ?? "";
    const booking = await stack.book(start, { name: "予約 太郎" });
    await demo.comeBack(`/console/bookings/${booking.id}`);
    await expect(demo.standing).toHaveText(demo.m.bookings.statuses.confirmed);
    await demo.button(demo.m.booking.reschedule).click();
    // A time before the page's hours that no other booking is moved to.
    await demo.moveTime.fill(`0${Number(start.slice(11, 13)) % 9}:${start.slice(14, 16)}`);
    await expect(demo.moveDialog.getByRole("status").filter({ hasText: demo.m.booking.move.notes.outside })).toBeVisible();
    await demo.moveDialog.getByRole("button", { name: demo.m.booking.move.confirm, exact: true }).click();
    await expect(demo.heading(demo.m.booking.move.moved.host)).toBeVisible();
  },
  "console-booking-not-moved": async ({ demo, stack }) => {
    const booking = await stack.book((await stack.slots("Asia/Tokyo"))[26]?.start ?? "", { name: "予約 太郎" });
    await told(demo, booking.id, (b) => ({ moveFailed: { start: later(b.start, 24), by: "host", reason: "host_disconnected", reasonDetail: "", at: b.createdAt } }));
    await demo.comeBack(`/console/bookings/${booking.id}`);
    await expect(demo.heading(demo.m.booking.move.failed)).toBeVisible();
  },
  "console-booking-differs": async ({ demo, stack }) => {
    const booking = await stack.book((await stack.slots("Asia/Tokyo"))[27]?.start ?? "", { name: "予約 太郎" });
    await told(demo, booking.id, (b) => ({
      differs: true,
      differences: [
        { what: "meeting", gone: true, foundAt: b.createdAt },
        { what: "event", gone: false, start: later(b.start, 28), end: later(b.end, 28), foundAt: b.createdAt },
      ],
    }));
    await demo.comeBack(`/console/bookings/${booking.id}`);
    await expect(demo.heading(demo.m.booking.differences.heading)).toBeVisible();
  },
  "console-booking-new-url": async ({ demo, stack }) => {
    const booking = await stack.book((await stack.slots("Asia/Tokyo"))[28]?.start ?? "", { name: "予約 太郎" });
    await told(demo, booking.id, (b) => ({ differs: true, differences: [{ what: "meeting", gone: true, foundAt: b.createdAt }] }));
    await demo.comeBack(`/console/bookings/${booking.id}`);
    await demo.button(demo.m.booking.differences.restore.newUrl).click();
    await expect(demo.dialog).toBeVisible();
  },
  "console-booking-left": async ({ demo, stack }) => {
    const booking = await stack.book((await stack.slots("Asia/Tokyo"))[29]?.start ?? "", { name: "予約 太郎" });
    await told(demo, booking.id, (b) => ({
      status: "cancelled",
      needsAttention: true,
      canRetry: true,
      canCancel: false,
      canReschedule: false,
      cancellation: { by: "guest", reason: "conflict", message: "急用のため参加できなくなりました。", at: b.createdAt },
      left: [{ what: "meeting", url: "https://zoom.us/meeting/81234567890" }, { what: "event" }],
    }));
    await demo.comeBack(`/console/bookings/${booking.id}`);
    await expect(demo.heading(demo.m.booking.left.heading)).toBeVisible();
  },
  "console-booking-not-found": async ({ demo }) => {
    demo.expectComplaint(/status of 404/);
    await demo.comeBack("/console/bookings/nothing");
    await expect(demo.screen(demo.m.booking.notFound)).toBeVisible();
  },
  "console-settings": ({ demo }) => signedIn(demo, "/console/settings", demo.m.settings.heading),
  "console-delete": async ({ host }) => {
    await host.signUp();
    await host.goTo("settings");
    await host.button(host.m.settings.deleteGo).click();
    await expect(host.dialog).toBeVisible();
  },
  "console-leave": async ({ demo }) => {
    await signedIn(demo, "/console/settings", demo.m.settings.heading);
    await demo.field(demo.m.settings.name).fill("Not Saved");
    await demo.goTo("home");
    await expect(demo.dialog).toBeVisible();
  },
  "console-expired": async ({ demo }) => {
    demo.expectComplaint(/status of 401/);
    await demo.signIn("/console/settings"); // a session that was renewed ends the one that it is of
    await expect(demo.screen(demo.m.settings.heading)).toBeVisible();
    await demo.page.route("**/api/host/**", (route) => route.fulfill({ status: 401, json: { message: "Unauthorized" } }));
    await demo.goTo("bookings");
    await expect(demo.dialog).toBeVisible();
  },
  "console-pages": ({ demo }) => signedIn(demo, "/console/pages", demo.m.places.pages),
  "console-pages-none": async ({ host }) => {
    await host.signUp();
    await host.goTo("pages");
    await expect(host.page.locator(".empty")).toBeVisible();
  },
  "console-page-new": ({ demo }) => signedIn(demo, "/console/pages/new", new Editor(demo).p.start.heading),
  "console-page-embed": async ({ demo }) => {
    const { p } = new Editor(demo);
    await signedIn(demo, "/console/pages", demo.m.places.pages);
    await demo.page.getByRole("button", { name: new RegExp(`^${p.list.embed}: `) }).first().click();
    await expect(demo.dialog).toBeVisible();
  },
  "console-page-remove": async ({ demo }) => {
    const { p } = new Editor(demo);
    await signedIn(demo, "/console/pages", demo.m.places.pages);
    await demo.page.getByRole("button", { name: new RegExp(`^${p.list.remove}: `) }).first().click();
    await expect(demo.dialog).toBeVisible();
  },
  "console-page-editor": ({ demo }) => new Editor(demo).reach("questions"),
  "console-page-copy-hours": async ({ demo }) => {
    const editor = new Editor(demo);
    await editor.reach("intro");
    await demo.button(`${editor.p.weekdays.mon}: ${editor.p.editor.copyDay}`).click();
    await expect(demo.dialog).toBeVisible();
  },
  "console-page-preview": async ({ demo, stack }) => {
    const editor = new Editor(demo);
    await editor.reach("intro");
    await demo.button(editor.p.preview.heading).click();
    await expect(demo.page.locator(".phone-times li").first()).toBeVisible();
    const day = (await stack.slots("Asia/Tokyo"))[0]?.start.slice(0, 10); // one with hours, whatever today is
    const asked = demo.page.locator(`.preview .day-picker [data-date="${day}"]`);
    if ((await asked.count()) === 0) await demo.page.locator(".preview .day-picker .turn").last().click();
    await asked.click();
    await expect(demo.page.locator(".why li").first()).toBeVisible();
  },
  "console-page-conflict": async ({ demo }) => {
    const editor = new Editor(demo);
    demo.expectComplaint(/status of 412/);
    await editor.reach("intro");
    await demo.page.route("**/api/host/pages/intro", (route) =>
      route.request().method() === "PUT" ? route.fulfill({ status: 412, contentType: "application/problem+json", json: { code: "page_changed", detail: "" } }) : route.continue(),
    );
    await demo.field(editor.p.settings.title).fill("変えた題");
    await demo.button(demo.m.save).click();
    await expect(demo.dialog).toBeVisible();
  },
  "console-not-found": ({ demo }) => signedIn(demo, "/console/nothing", demo.m.notFound.heading),
};
