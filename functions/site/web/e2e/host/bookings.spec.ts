import { faults } from "../stack";
import { daily, expect, inEachLanguage, test } from "./test";

inEachLanguage(() => {
  test("a booking is found, read and cancelled with a message", daily, async ({ demo, stack, email }) => {
    const [first, second] = (await stack.slots("Asia/Tokyo")).slice(-2);
    await stack.book(first?.start ?? "", { name: `Found ${email}`, email });
    await stack.book(second?.start ?? "", { name: "Other" });
    await demo.comeBack("/console/bookings");
    await demo.page.getByRole("searchbox").fill(`found ${email}`);
    await expect(demo.rows).toHaveCount(1);
    await demo.rows.click();
    await expect(demo.screen(demo.m.booking.title(`Found ${email}`))).toBeVisible();
    await expect(demo.standing).toHaveText(demo.m.bookings.statuses.confirmed);

    await demo.button(demo.m.booking.cancel).click();
    await demo.dialog.getByRole("combobox", { name: demo.m.booking.reason }).selectOption(demo.m.booking.reasons.conflict);
    await demo.dialog.getByRole("textbox").fill("急用のため / Something came up");
    await demo.dialog.getByRole("button", { name: demo.m.booking.cancel }).click();
    await expect(demo.standing).toHaveText(demo.m.bookings.statuses.cancelled);
    await expect(demo.button(demo.m.booking.cancel)).toBeHidden();
    await expect(demo.page.locator("h1")).toBeFocused();
    const cancellation = demo.page.getByRole("region", { name: demo.m.booking.wasCancelled.host });
    await expect(cancellation).toContainText("Something came up");
    await expect(cancellation).toContainText(demo.m.booking.reasons.conflict);
    await expect.poll(async () => (await stack.mailsTo(email)).map((mail) => mail.body.text).join("\n")).toContain("Something came up");

    await demo.page.goBack();
    await expect(demo.page.getByRole("searchbox")).toHaveValue(`found ${email}`);
  });

  test("a booking that failed says why", async ({ demo, stack }) => {
    await stack.fail(faults.zoomRefuses);
    const start = (await stack.slots("Asia/Tokyo")).at(-1)?.start ?? "";
    const { id } = await stack.book(start, { name: "Failed Guest" });
    await demo.comeBack(`/console/bookings/${id}`);
    await expect(demo.standing).toHaveText(demo.m.bookings.statuses.failed);
    await expect(demo.heading(demo.m.booking.wrong)).toBeVisible();
  });
});

test("what there is beyond the first page is shown on demand", async ({ host, stack }) => {
  test.slow();
  await host.signUp();
  await host.toIntegrations();
  await host.connectZoom(host.email);
  await host.connectGoogle(host.email);
  await host.publish("many", { slotIntervalMinutes: 30 });
  const slots = (await stack.slots("Asia/Tokyo", "many", host.handle)).slice(-60);
  for (const [i, { start }] of slots.entries()) await stack.book(start, { host: host.handle, slug: "many", name: `Guest ${i}` });
  await host.goTo("bookings");
  await expect(host.rows.first()).toBeVisible();
  const shown = await host.rows.count();
  expect(shown).toBeLessThan(slots.length);
  await host.button(host.m.bookings.more).click();
  await expect(host.rows.nth(shown)).toBeFocused();
  expect(await host.rows.count()).toBeGreaterThan(shown);
});

test("another host's booking is not there", daily, async ({ host, stack }) => {
  const { id } = await stack.book((await stack.slots("Asia/Tokyo")).at(-1)?.start ?? "");
  host.expectComplaint(/status of 404/);
  await host.signUp();
  await host.page.goto(`/console/bookings/${id}`);
  await expect(host.screen(host.m.booking.notFound)).toBeVisible();
});
