// Every screen of the console, and the shortest way to it.

import { expect } from "@playwright/test";
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
  await demo.signIn(path);
  await expect(demo.screen(heading)).toBeVisible();
  await expect(demo.page.locator(".busy")).toHaveCount(0);
};

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
    await demo.signIn();
    await expect(demo.rows.first()).toBeVisible();
    await expect(demo.page.locator(".busy")).toHaveCount(0);
  },
  "console-home-failed": async ({ demo }) => {
    demo.expectComplaint(/status of 502/);
    await demo.page.route(/\/api\/host\/(summary|bookings)/, (route) => route.fulfill({ status: 502, body: "" }));
    await demo.signIn();
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
    await demo.signIn(`/console/bookings/${id}`);
    await expect(demo.link(demo.m.booking.join)).toBeVisible();
  },
  "console-booking-failed": async ({ demo, stack }) => {
    await stack.fail(faults.zoomRefuses);
    const { id } = await stack.book((await stack.slots("Asia/Tokyo"))[21]?.start ?? "", { name: "予約 太郎" });
    await demo.signIn(`/console/bookings/${id}`);
    await expect(demo.heading(demo.m.booking.wrong)).toBeVisible();
  },
  "console-cancel": async ({ demo, stack }) => {
    const { id } = await stack.book((await stack.slots("Asia/Tokyo"))[22]?.start ?? "", { name: "予約 太郎" });
    await demo.signIn(`/console/bookings/${id}`);
    await demo.button(demo.m.booking.cancel).click();
    await expect(demo.dialog).toBeVisible();
  },
  "console-booking-not-found": async ({ demo }) => {
    demo.expectComplaint(/status of 404/);
    await demo.signIn("/console/bookings/nothing");
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
    await signedIn(demo, "/console/settings", demo.m.settings.heading);
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
  "console-page-preview": async ({ demo }) => {
    const editor = new Editor(demo);
    await editor.reach("intro");
    await demo.button(editor.p.preview.heading).click();
    await expect(demo.page.locator(".phone-times li").first()).toBeVisible();
    await demo.page.locator(".preview .day-picker button.day").first().click();
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
