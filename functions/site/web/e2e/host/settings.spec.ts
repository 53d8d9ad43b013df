import { readFile } from "node:fs/promises";
import { daily, expect, inEachLanguage, test } from "./test";

inEachLanguage((language) => {
  test("the profile is changed, and the console follows", daily, async ({ host }) => {
    await host.signUp();
    await host.goTo("settings");
    const name = host.field(host.m.settings.name);
    await expect(name).toHaveValue(host.name);
    await name.fill("");
    await host.button(host.m.save).click();
    await expect(name).toHaveAccessibleDescription(new RegExp(host.m.welcome.nameMissing));
    await expect(name).toBeFocused();
    await name.fill("改名 済");
    await host.field(host.m.settings.retention).fill("３０");
    await host.button(host.m.save).click();
    await expect(host.toast).toContainText(host.m.saved);
    expect((await host.ask("profile")).body).toMatchObject({ name: "改名 済", retentionDays: 30, locale: language, handle: host.handle });
    await host.goTo("home");
    await expect(host.screen(host.m.home.greeting("改名 済"))).toBeVisible();
  });
});

test("what is not saved is asked about, kept over a reload, and let go if told so", async ({ host, page }) => {
  await host.signUp();
  await host.goTo("settings");
  const name = host.field(host.m.settings.name);
  await name.fill("Not Saved");
  await host.goTo("home");
  await host.button(host.m.leave.stay).click();
  await expect(name).toHaveValue("Not Saved");
  await page.goBack();
  await expect(host.dialog).toBeVisible();
  await expect(page).toHaveURL("/console/settings");
  await page.keyboard.press("Escape");
  page.on("dialog", (d) => void d.accept());
  await page.reload();
  await expect(name).toHaveValue("Not Saved");
  await host.goTo("home");
  await host.button(host.m.leave.leave).click();
  await host.seesHome();
});

test("everything is exported, then the account and all of it is gone", daily, async ({ host, page, stack }) => {
  host.expectComplaint(/status of 404/);
  await host.signUp();
  await host.toIntegrations();
  await host.connectZoom(host.email);
  await host.goTo("settings");
  const [file] = await Promise.all([page.waitForEvent("download"), host.button(host.m.settings.export).click()]);
  const exported = JSON.parse(await readFile(await file.path(), "utf8")) as { profile: { handle: string }; connections: unknown[] };
  expect(exported.profile.handle).toBe(host.handle);
  expect(JSON.stringify(exported)).not.toContain("refresh");

  await host.button(host.m.settings.deleteGo).click();
  await host.field(host.m.settings.deleteType(host.handle)).fill("something else");
  await host.button(host.m.settings.deleteConfirm).click();
  await expect(host.field(host.m.settings.deleteType(host.handle))).toHaveAccessibleDescription(host.m.settings.deleteMismatch);
  await host.field(host.m.settings.deleteType(host.handle)).fill(host.handle);
  await host.button(host.m.settings.deleteConfirm).click();
  await expect(host.screen(host.m.signIn.deletedHeading)).toBeVisible();
  expect(await stack.zoomConnected(host.email)).toBe(false);

  await host.button(host.m.signIn.again).click();
  await host.identify();
  await expect(host.screen(host.m.welcome.heading)).toBeVisible();
});

test("the switch changes every word at once, and stays", async ({ demo, page }) => {
  await demo.signIn("/console/integrations");
  await expect(demo.screen(demo.m.integrations.heading)).toBeVisible();
  await page.getByRole("button", { name: "日本語" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "外部連携" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "ja");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "外部連携" })).toBeVisible();
});

test("by keyboard: past the navigation, through it, and to the heading", async ({ demo, page }) => {
  await demo.signIn();
  await expect(demo.rows.first()).toBeVisible();
  await page.reload();
  await expect(demo.rows.first()).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(demo.link(demo.m.skip)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("main")).toBeFocused();
  await demo.link(demo.m.places.settings).focus();
  await page.keyboard.press("Enter");
  await expect(demo.screen(demo.m.settings.heading)).toBeFocused();
  await expect(page).toHaveTitle(demo.m.titleOf(demo.m.settings.heading));
});
