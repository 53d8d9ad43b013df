import { daily, expect, inEachLanguage, test } from "./test";

inEachLanguage((language) => {
  test("connect, disconnect, connect", daily, async ({ host, stack }) => {
    await host.signUp();
    await host.toIntegrations();
    await host.connectZoom(host.email);
    await host.seesConnected("zoom");
    await expect(host.connection("zoom")).toContainText(host.email);
    expect(await stack.zoomConnected(host.email)).toBe(true);

    await host.disconnect("zoom");
    expect(await stack.zoomConnected(host.email)).toBe(false);
    expect((await host.ask("connections/zoom", "DELETE")).status, "disconnecting twice").toBe(204);

    await host.connectZoom(host.email);
    await host.seesConnected("zoom");
  });

  test("what disconnecting means for bookings is said first", async ({ host, stack }) => {
    await host.signUp();
    await host.toIntegrations();
    await host.connectZoom(host.email);
    await host.connectGoogle(host.email);
    await host.publish();
    const slots = await stack.slots("Asia/Tokyo", "intro", host.handle);
    await stack.book(slots.at(-1)?.start ?? "", { host: host.handle });
    await expect.poll(async () => JSON.stringify((await host.ask("bookings?when=upcoming")).body)).toContain('"confirmed"');
    await host.page.reload();
    await host.button(host.m.integrations.disconnectOf("zoom")).click();
    await expect(host.dialog).toContainText(host.m.integrations.drop.bookings.zoom(1));
    await expect(host.dialog).toContainText(host.m.integrations.drop.pages.zoom);
  });

  test("summaries that start by themselves are explained", async ({ host, stack }) => {
    await stack.zoomUser(host.email, { autoSummary: true });
    await host.signUp();
    await host.toIntegrations();
    await host.connectZoom(host.email);
    await host.seesConnected("zoom");
    await expect(host.connection("zoom")).toContainText(host.m.integrations.warnings.zoom_auto_summary?.text ?? "?");
  });

  test("a dead grant is seen by the host, who reconnects, and by the guest, who is not misled", daily, async ({ host, visitor, stack }) => {
    test.slow();
    await host.signUp();
    await host.toIntegrations();
    await host.connectZoom(host.email);
    await host.connectGoogle(host.email);
    await host.publish();
    await stack.revokeZoom(host.email);

    // The first booking finds the grant dead, and is undone.
    const slots = await stack.slots("Asia/Tokyo", "intro", host.handle);
    await stack.book(slots.at(-1)?.start ?? "", { host: host.handle });
    await expect.poll(async () => JSON.stringify((await host.ask("connections")).body)).toContain('"reauthorize"');

    await visitor.page.goto(`/b/${host.handle}/intro`);
    await expect(visitor.heading({ ja: "現在予約を受け付けていません", en: "Not accepting bookings" }[language])).toBeVisible();

    await host.page.reload();
    await expect(host.connection("zoom")).toContainText(host.m.integrations.status.reauthorize);
    await expect(host.connection("zoom")).toContainText(host.m.integrations.reauthorize.zoom);
    await expect.poll(async () => (await stack.mailsTo(host.email)).length, "mails that say so").toBeGreaterThan(0);

    await host.button(host.m.integrations.reconnectOf("zoom")).click();
    await host.atZoom(host.email);
    await host.allow();
    await host.seesConnected("zoom");
    await visitor.page.goto(`/b/${host.handle}/intro`);
    await visitor.chooseTime();
  });
});

test("two hosts and one Zoom account: the second is refused, and the first still books", async ({ host, another, stack }) => {
  test.slow();
  await host.signUp();
  await host.toIntegrations();
  await host.connectZoom(host.email);
  await host.connectGoogle(host.email);
  await host.publish();

  await another.signUp();
  await another.toIntegrations();
  await another.connectZoom(host.email);
  await another.seesRefusal("zoom_account_in_use");
  await expect(another.connection("zoom")).toContainText(another.m.integrations.status.disconnected);

  const slots = await stack.slots("Asia/Tokyo", "intro", host.handle);
  await stack.book(slots.at(-1)?.start ?? "", { host: host.handle, name: "Still Booking" });
  await host.goTo("bookings");
  await host.rows.filter({ hasText: "Still Booking" }).click();
  await expect(host.standing).toHaveText(host.m.bookings.statuses.confirmed);
});

test("Microsoft takes a calendar's whole part: connected, booked into, disconnected", async ({ host, stack }) => {
  test.slow();
  await host.signUp();
  await host.toIntegrations();
  await host.connectZoom(host.email);
  await host.connectMicrosoft(host.email);
  await host.seesConnected("microsoft");
  const { calendars } = (await host.ask("calendars")).body as { calendars: { provider: "microsoft"; id: string; primary: boolean }[] };
  const primary = calendars.find((c) => c.primary);
  const calendar = { provider: "microsoft", id: primary?.id ?? "" } as const;
  await host.publish("intro", { calendars: { write: calendar, check: [calendar] } });

  const slots = await stack.slots("Asia/Tokyo", "intro", host.handle);
  await stack.book(slots.at(-1)?.start ?? "", { host: host.handle, name: "By Microsoft" });
  await host.goTo("bookings");
  await host.rows.filter({ hasText: "By Microsoft" }).click();
  await expect(host.standing).toHaveText(host.m.bookings.statuses.confirmed);
  await expect(host.page.getByRole("definition").filter({ hasText: host.m.providers.microsoft })).toBeVisible();

  await host.toIntegrations();
  await host.button(host.m.integrations.disconnectOf("microsoft")).click();
  await expect(host.dialog).toContainText(host.m.integrations.drop.account.microsoft(host.email));
  await expect(host.dialog).toContainText(host.m.integrations.drop.bookings.microsoft(1));
  await host.dialog.getByRole("button", { name: host.m.integrations.drop.confirm, exact: true }).click();
  await expect(host.connection("microsoft")).toContainText(host.m.integrations.status.disconnected);
});

test("going back from Zoom's page leaves a screen that still works", async ({ host }) => {
  await host.signUp();
  await host.toIntegrations();
  await host.leaveFor("zoom");
  await host.page.goBack();
  await host.button(host.m.connect.go("zoom")).click();
  await host.atZoom(host.email);
  await host.allow();
  await host.seesConnected("zoom");
});
