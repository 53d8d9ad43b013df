import type { Page } from "@playwright/test";
import { daily, expect, test } from "./test";

test("a deep link is kept over the sign-in", daily, async ({ demo, page }) => {
  await demo.signIn("/console/bookings?when=past");
  await expect(demo.screen(demo.m.bookings.heading)).toBeVisible();
  await expect(page).toHaveURL("/console/bookings?when=past");
  await expect(page).toHaveTitle(demo.m.titleOf(demo.m.bookings.past));
});

test("another tab of a browser that is signed in asks nothing", async ({ demo, page }) => {
  await demo.signIn();
  await expect(demo.rows.first()).toBeVisible();
  const tab = await page.context().newPage();
  await tab.goto("/console/settings");
  await expect(tab.getByRole("heading", { level: 1, name: demo.m.settings.heading })).toBeVisible();
});

test("signing out ends the session at the issuer too, and what was given out in it", daily, async ({ demo, page, request }) => {
  await demo.signIn();
  await expect(demo.rows.first()).toBeVisible();
  const { refresh, issuer, client } = await page.evaluate(() => {
    const [key, kept] = Object.entries(sessionStorage).find(([key]) => key.startsWith("oidc.user:")) as [string, string];
    const [issuer, client] = key.slice("oidc.user:".length).split(/:(?=[^:/]*$)/) as [string, string];
    return { refresh: (JSON.parse(kept) as { refresh_token: string }).refresh_token, issuer, client };
  });
  await demo.button(demo.m.signOut).click();
  await expect(demo.screen(demo.m.signIn.outHeading)).toBeVisible();
  expect(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith("oidc")))).toEqual([]);
  const again = await request.post(`${issuer}/token`, { form: { grant_type: "refresh_token", client_id: client, refresh_token: refresh } });
  expect(again.status()).toBe(400);
  await demo.button(demo.m.signIn.again).click();
  await expect(page.locator('input[name="person"]')).toBeVisible();
});

test("an access token that is refused is renewed without a word", async ({ demo, page }) => {
  await demo.signIn();
  await expect(demo.rows.first()).toBeVisible();
  demo.expectComplaint(/status of 401/);
  const old = await tokenOf(page);
  await page.route("**/api/host/**", (route) =>
    route.request().headers().authorization === `Bearer ${old}` ? route.fulfill({ status: 401, json: { message: "Unauthorized" } }) : route.continue(),
  );
  await demo.toIntegrations();
  await expect(demo.connection("zoom")).toBeVisible();
  expect(await tokenOf(page)).not.toBe(old);
});

test("a session that cannot be renewed is said to have ended, and the screen is come back to", async ({ demo, page }) => {
  await demo.signIn("/console/settings");
  await expect(demo.screen(demo.m.settings.heading)).toBeVisible();
  demo.expectComplaint(/status of 40[01]/);
  await page.route("**/api/host/**", (route) => route.fulfill({ status: 401, json: { message: "Unauthorized" } }));
  await demo.goTo("bookings");
  await expect(demo.dialog).toContainText(demo.m.signIn.expired);
  await page.unroute("**/api/host/**");
  await demo.dialog.getByRole("button", { name: demo.m.signIn.again }).click();
  await expect(demo.screen(demo.m.bookings.heading)).toBeVisible();
  await expect(demo.dialog).toBeHidden();
  await expect(page).toHaveURL("/console/bookings");
});

test("a way back that nobody here began signs nobody in", async ({ demo, page }) => {
  await page.goto("/console/signed-in?code=stolen&state=foreign");
  await expect(page.getByRole("alert")).toHaveText(demo.m.signIn.stopped);
  await expect(demo.button(demo.m.signIn.go)).toBeVisible();
});

for (const hours of [-26, 2]) {
  test(`a clock that is ${hours} hours off does no harm`, async ({ demo, page }) => {
    await page.clock.install({ time: Date.now() + hours * 3_600_000 });
    await demo.signIn();
    await expect(demo.rows.first()).toBeVisible();
  });
}

async function tokenOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const kept = Object.entries(sessionStorage).find(([key]) => key.startsWith("oidc.user:"))?.[1] as string;
    return (JSON.parse(kept) as { access_token: string }).access_token;
  });
}

test("going back from the sign-in leads to the console's own screen, not into it again", async ({ demo, page }) => {
  await demo.signIn();
  await expect(demo.rows.first()).toBeVisible();
  const tab = await page.context().newPage();
  await page.context().clearCookies(); // the issuer has forgotten them
  await tab.goto("/console/settings");
  await tab.waitForURL(/\/authorize/);
  await tab.goto("/console/settings");
  await expect(tab.getByRole("button", { name: demo.m.signIn.go })).toBeVisible();
});
