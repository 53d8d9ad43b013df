// Team notices: a host has another system told of bookings, and sees how that went.

import { en } from "../../src/console/notices/messages/en";
import { ja } from "../../src/console/notices/messages/ja";
import type { Host } from "./host";
import { type Received, Receiver, signedBy } from "./receiver";
import { daily, expect, inEachLanguage, test as base } from "./test";

const test = base.extend<{ receiver: Receiver }>({
  receiver: async ({}, use) => {
    const receiver = await Receiver.start();
    await use(receiver);
    await receiver.stop();
  },
});

const path = "/console/integrations/notices";

/** News of bookings is handed out once a minute. */
const handedOut = { timeout: 100_000 };
const catalogues = { en, ja };

/** Signs up and publishes a page. */
async function open(host: Host): Promise<void> {
  await host.signUp();
  await host.toIntegrations();
  await host.connectZoom(host.email);
  await host.connectGoogle(host.email);
  await host.publish();
}

/** From the integrations to a new notice. */
async function toNew(host: Host): Promise<void> {
  const n = catalogues[host.language];
  await host.toIntegrations();
  await host.link(host.m.integrations.toNotices).click();
  await expect(host.screen(n.heading)).toBeVisible();
  await host.link(n.add).click();
  await expect(host.screen(n.newHeading)).toBeVisible();
}

/** Adds a notice in JSON and returns its secret. */
async function add(host: Host, url: string): Promise<string> {
  const n = catalogues[host.language];
  await toNew(host);
  await host.page.getByRole("radio", { name: n.formats.json }).check();
  await host.field(n.url).fill(url);
  await host.button(n.create).click();
  const shown = host.page.getByRole("dialog", { name: n.secret.shownHeading, exact: true });
  const secret = (await shown.locator(".secret").textContent())?.trim() ?? "";
  await shown.getByRole("button", { name: n.secret.done, exact: true }).click();
  await expect(host.screen(n.formats.json)).toBeVisible();
  return secret;
}

const told = (received: readonly Received[]) => received.map((r) => (JSON.parse(r.body) as { type: string }).type);

inEachLanguage((language) => {
  const n = catalogues[language];
  const entry = (host: Host, event: string) => host.page.getByRole("article", { name: new RegExp(`^${n.eventShort[event]}`) });

  test("a system is told of a booking, signed; the log says so, and sends it again", daily, async ({ host, stack, receiver }) => {
    test.slow();
    await open(host);
    const secret = await add(host, receiver.url);
    expect(secret).toMatch(/^whsec_/);
    await expect(host.page.getByText(n.log.none)).toBeVisible();

    await host.button(n.log.test).click();
    await expect(entry(host, "test")).toContainText(n.log.status.delivered);
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received.every((r) => signedBy(secret, r))).toBe(true);

    const slots = await stack.slots("Asia/Tokyo", "intro", host.handle);
    const { id } = await stack.book(slots.at(-1)?.start ?? "", { host: host.handle });
    await expect.poll(() => told(receiver.received), handedOut).toContain("booking.confirmed");
    await host.page.reload();
    const confirmed = entry(host, "booking.confirmed");
    await expect(confirmed).toContainText(n.log.status.delivered);
    await expect(confirmed.getByRole("link", { name: n.log.booking })).toHaveAttribute("href", `/console/bookings/${id}`);
    await confirmed.getByText(n.log.attempts(1)).click();
    await expect(confirmed.getByText(n.log.answered(204))).toBeVisible();

    const before = receiver.received.length;
    await confirmed.getByRole("button").click();
    await expect.poll(() => receiver.received.length, "sent again").toBeGreaterThan(before);
    const ids = receiver.received.filter((r) => told([r])[0] === "booking.confirmed").map((r) => r.headers["webhook-id"]);
    expect(new Set(ids).size).toBe(1);
  });

  test("what cannot be delivered is told, and why; a receiver that wants no more is left alone", async ({ host, stack, receiver }) => {
    test.slow();
    await open(host);
    await add(host, receiver.url);
    receiver.answer = 500;
    await host.button(n.log.test).click();
    await expect(entry(host, "test")).toContainText(n.log.answered(500));
    await expect(entry(host, "test")).toContainText(n.log.status.failed);
    receiver.answer = 410;
    await stack.book((await stack.slots("Asia/Tokyo", "intro", host.handle)).at(-1)?.start ?? "", { host: host.handle });
    await expect.poll(async () => JSON.stringify((await host.ask("hooks")).body), { ...handedOut, message: "what became of the notice" }).toContain('"off"');
    await host.page.reload();
    await expect(host.page.getByText(n.stopped.gone ?? "?")).toBeVisible();
    await expect(entry(host, "booking.confirmed")).toContainText(n.log.answered(410));
    receiver.answer = 204;
    await host.button(n.resume).click();
    await expect(host.page.locator(".view-head .chip")).toHaveText(n.states.on);
  });

  test("addresses that no notice goes to are refused at the field", async ({ host }) => {
    host.expectComplaint(/status of 422/);
    await host.signUp();
    await toNew(host);
    const create = host.button(n.create);
    await create.click();
    await expect(host.page.getByText(n.urlMissing)).toBeVisible();
    for (const url of ["http://example.com/hook", "https://10.0.0.1/hook", "https://169.254.169.254/latest/meta-data", "https://user:pass@example.com/", "nonsense"]) {
      await host.field(n.url).fill(url);
      await create.click();
      await expect(host.field(n.url), url).toHaveAttribute("aria-invalid", "true");
      await expect(host.page.locator(".field-error"), url).not.toBeEmpty();
      await expect(host.field(n.url), url).toBeFocused();
    }
    await host.page.getByRole("checkbox").first().uncheck();
    await host.page.goBack();
    await expect(host.dialog).toContainText(host.m.leave.heading); // what was typed is not lost without a word
  });
});

test("a notice is changed, its secret renewed, and deleted", async ({ host, receiver }) => {
  test.slow();
  const n = en;
  await host.signUp();
  const secret = await add(host, receiver.url);

  await host.page.getByRole("checkbox", { name: n.eventNames["booking.failed"] }).uncheck();
  await host.page.getByRole("checkbox", { name: n.active }).uncheck();
  await host.button(host.m.save).click();
  await expect(host.page.locator(".view-head .chip")).toHaveText(n.states.off);
  await host.page.reload();
  await expect(host.page.getByRole("checkbox", { name: n.eventNames["booking.failed"] })).not.toBeChecked();
  await host.page.getByRole("checkbox", { name: n.active }).check();
  await host.button(host.m.save).click();
  await expect(host.page.locator(".view-head .chip")).toHaveText(n.states.on);

  await host.button(n.secret.renew).click();
  await host.dialog.getByRole("button", { name: n.secret.renew, exact: true }).click();
  const shown = host.page.getByRole("dialog", { name: n.secret.shownHeading, exact: true });
  const renewed = (await shown.locator(".secret").textContent())?.trim() ?? "";
  expect(renewed).not.toBe(secret);
  await shown.getByRole("button", { name: n.secret.done, exact: true }).click();
  await host.button(n.log.test).click();
  await expect.poll(() => receiver.received.length).toBe(1);
  const [received] = receiver.received as [Received];
  expect([signedBy(renewed, received), signedBy(secret, received)], "both sign for a day").toEqual([true, true]);

  await host.button(n.remove.go).click();
  await host.dialog.getByRole("button", { name: n.remove.confirm, exact: true }).click();
  await expect(host.screen(n.heading)).toBeVisible();
  await expect(host.page.getByText(n.empty)).toBeVisible();
});

test("there are as many notices as can be, and no more", async ({ host }) => {
  await host.signUp();
  for (let i = 0; i < 5; i++) {
    expect((await host.ask("hooks", "POST", { url: `https://hooks.example.com/${i}`, format: "slack" })).status).toBe(201);
  }
  await host.page.goto(path);
  await expect(host.rows).toHaveCount(5);
  await expect(host.page.getByText(en.full(5))).toBeVisible();
  await expect(host.link(en.add)).toHaveCount(0);
});

test("another host's notice is not there", async ({ host, another }) => {
  await host.signUp();
  const { body } = await host.ask("hooks", "POST", { url: "https://hooks.example.com/mine" });
  await another.signUp();
  await another.page.goto(`${path}/${(body as { id: string }).id}`);
  await expect(another.screen(en.notFound)).toBeVisible();
});
