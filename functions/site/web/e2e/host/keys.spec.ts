// API keys: a host makes one for a program of theirs, sees what it was used for, and
// revokes it.

import type { Page } from "@playwright/test";
import { en } from "../../src/console/keys/messages/en";
import { ja } from "../../src/console/keys/messages/ja";
import { press, tabTo } from "../keys";
import type { Host } from "./host";
import { daily, expect, inEachLanguage, test } from "./test";

const path = "/console/integrations/keys";
const catalogues = { en, ja };

/** Calls the API as the host's program does: from no browser. */
const call = async (page: Page, key: string, what: string) => (await page.request.get(`/api/v1/${what}`, { headers: { Authorization: `Bearer ${key}` } })).status();

/** Makes a key over the API, as the console does. */
async function make(host: Host, name: string, scopes: string[] = ["bookings:read"]): Promise<string> {
  const { status, body } = await host.ask("keys", "POST", { name, scopes });
  expect(status).toBe(201);
  return (body as { key: string }).key;
}

inEachLanguage((language) => {
  const k = catalogues[language];

  test("a host makes a key, a program uses it, and it ends when it is revoked", daily, async ({ host, page }) => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await host.signUp();
    await host.toIntegrations();
    await host.link(host.m.integrations.toKeys).click();
    await expect(host.screen(k.heading)).toBeVisible();
    await expect(page.getByText(k.empty)).toBeVisible();
    await host.link(k.add).click();
    await expect(host.screen(k.newHeading)).toBeVisible();

    await host.button(k.create).click(); // nothing is filled in
    await expect(page.getByText(k.nameMissing)).toBeVisible();
    await expect(page.getByText(k.scopesMissing)).toBeVisible();
    await expect(host.field(k.name)).toBeFocused();

    await host.field(k.name).fill("CRM");
    await page.getByRole("checkbox", { name: k.scopeNames["bookings:read"] }).check();
    await host.button(k.create).click();
    const shown = page.getByRole("dialog", { name: k.shown.heading, exact: true });
    const key = (await shown.locator(".secret").textContent())?.trim() ?? "";
    expect(key).toMatch(/^ysk_[A-Z2-7]{26}$/);
    await expect(shown.locator(".example")).toContainText("/api/v1/bookings");
    await expect(shown.locator(".example")).not.toContainText(key);
    await shown.getByRole("button", { name: k.shown.copyIt, exact: true }).click();
    await expect(host.toast).toContainText(k.shown.copied);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key);
    await shown.getByRole("button", { name: k.shown.done, exact: true }).click();

    const row = page.locator(".api-keys .row");
    await expect(row).toContainText(`ysk_…${key.slice(-4)}`);
    await expect(row).toContainText(k.scopeNames["bookings:read"]);
    await expect(row).toContainText(k.unused);
    await expect(row).toContainText(k.ends("").trim());
    expect(await page.content(), "it is shown once").not.toContain(key);

    expect([await call(page, key, "bookings"), await call(page, key, "pages"), await call(page, key, "keys")]).toEqual([200, 403, 404]);
    await page.reload();
    await expect(row).toContainText(k.used("").trim());

    await host.button(k.revoke.of("CRM")).click();
    await expect(host.dialog).toContainText(k.revoke.ask("CRM"));
    await host.dialog.getByRole("button", { name: host.m.cancel, exact: true }).click();
    expect(await call(page, key, "bookings"), "while it is only asked about").toBe(200);
    await host.button(k.revoke.of("CRM")).click();
    await host.dialog.getByRole("button", { name: k.revoke.confirm, exact: true }).click();
    await expect(host.toast).toContainText(k.revoke.done);
    await expect(page.getByText(k.empty)).toBeVisible();
    await expect(host.screen(k.heading)).toBeFocused();
    expect(await call(page, key, "bookings")).toBe(401);
  });
});

test("everything is done by keyboard alone", async ({ host, page }) => {
  const k = en;
  await host.signUp();
  await page.goto(`${path}/new`);
  await tabTo(page, host.field(k.name));
  await page.keyboard.type("Reporting");
  await press(page, page.getByRole("checkbox", { name: k.scopeNames["pages:read"] }), "Space");
  await tabTo(page, page.getByRole("radio", { name: k.terms["90"] }));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: k.terms.none })).toBeChecked();
  await press(page, host.button(k.create));
  const shown = page.getByRole("dialog", { name: k.shown.heading, exact: true });
  await press(page, shown.getByRole("button", { name: k.shown.done, exact: true }));
  await expect(page.locator(".api-keys .row")).toContainText(k.endless);
  await press(page, host.button(k.revoke.of("Reporting")));
  await expect(host.dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(host.button(k.revoke.of("Reporting"))).toBeFocused();
});

test("what was typed of a key is not lost without a word", async ({ host, page }) => {
  await host.signUp();
  await page.goto(path);
  await host.link(en.add).click();
  await host.field(en.name).fill("CRM");
  await page.goBack();
  await expect(host.dialog).toContainText(host.m.leave.heading);
});

test("there are as many keys as can be, and no more", async ({ host, page }) => {
  await host.signUp();
  for (let i = 0; i < 10; i++) await make(host, `key ${i}`);
  await page.goto(path);
  await expect(page.locator(".api-keys .row")).toHaveCount(10);
  await expect(page.getByText(en.full(10))).toBeVisible();
  await expect(host.link(en.add)).toHaveCount(0);
});

test("another host's key is not listed, and cannot be revoked", async ({ host, another, page }) => {
  await host.signUp();
  const key = await make(host, "mine");
  const [mine] = ((await host.ask("keys")).body as { keys: { id: string }[] }).keys;
  another.expectComplaint(/status of 404/);
  await another.signUp();
  expect(await another.ask("keys")).toMatchObject({ status: 200, body: { keys: [] } });
  expect(await another.ask(`keys/${mine?.id}`, "DELETE")).toMatchObject({ status: 404, body: { code: "key_not_found" } });
  expect(await call(page, key, "bookings")).toBe(200);
});
