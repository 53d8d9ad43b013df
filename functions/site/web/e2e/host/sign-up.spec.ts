import { Editor } from "./editor";
import { daily, expect, inEachLanguage, test } from "./test";

inEachLanguage((language) => {
  test("from the first sign-in to the first guest's booking", daily, async ({ host, visitor, stack, email }) => {
    test.slow();
    await host.signUp();
    const checklist = host.page.getByRole("region", { name: host.m.home.checklist });
    await expect(checklist).toContainText(host.m.home.checklistLead(0, 4));

    await test.step("connects Zoom and a calendar", async () => {
      await host.toIntegrations();
      await host.connectZoom(host.email);
      await host.seesConnected("zoom");
      await host.connectGoogle(host.email);
      await host.seesConnected("google");
    });

    const title = { ja: "初回相談", en: "First talk" }[language];
    await test.step("makes a page, publishes it and takes its link along", async () => {
      const editor = new Editor(host);
      await editor.create(title, "intro");
      await editor.publish();
      await host.goTo("home");
      await expect(checklist).toContainText(host.m.home.checklistLead(3, 4));
      await host.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await checklist.getByRole("button", { name: host.m.home.steps.share.go }).click();
      await expect(host.toast).toContainText(host.m.home.copied(title));
    });

    const address = await host.page.evaluate(() => navigator.clipboard.readText());
    expect(address).toBe(`${stack.front}/b/${host.handle}/intro`);

    await test.step("a guest books", async () => {
      await visitor.page.goto(address);
      await visitor.chooseTime();
      await visitor.fillPerson();
      await visitor.review();
      await visitor.book();
      await visitor.seesConfirmed();
    });

    await test.step("the host sees it, with its Zoom link", async () => {
      await host.goTo("bookings");
      await host.rows.filter({ hasText: visitor.name }).click();
      await expect(host.screen(host.m.booking.title(visitor.name))).toBeVisible();
      const outside = await stack.outside({ id: visitor.booking.id, email });
      expect(outside.meetings).toHaveLength(1);
      expect(outside.events).toHaveLength(1);
      await expect(host.link(outside.meetings[0]?.joinUrl ?? "?")).toBeVisible();
      await host.goTo("home");
      await expect(host.rows.filter({ hasText: visitor.name })).toBeVisible();
      await expect(checklist).toBeHidden();
    });
  });
});

test("a handle that is taken or malformed is told at its field", async ({ host }) => {
  host.expectComplaint(/status of 4(04|09)/);
  await host.signIn();
  await expect(host.screen(host.m.welcome.heading)).toBeVisible();
  const handle = host.field(host.m.welcome.handle);
  await handle.fill("-x-");
  await host.button(host.m.welcome.start).click();
  await expect(handle).toHaveAccessibleDescription(new RegExp(host.m.welcome.handleEnds));
  await expect(handle).toBeFocused();
  await handle.fill("demo");
  await host.button(host.m.welcome.start).click();
  await expect(handle).toHaveAccessibleDescription(new RegExp(host.m.welcome.handleTaken("demo")));
  await handle.fill(host.handle);
  await host.field(host.m.welcome.name).fill(host.name);
  await host.button(host.m.welcome.start).click();
  await host.seesHome();
});

test("the link asked for first is shown after the first sign-in", async ({ host }) => {
  host.expectComplaint(/status of 404/);
  await host.signIn("/console/settings");
  await host.field(host.m.welcome.handle).fill(host.handle);
  await host.field(host.m.welcome.name).fill(host.name);
  await host.button(host.m.welcome.start).click();
  await expect(host.screen(host.m.settings.heading)).toBeVisible();
});
