// People who write markup where words are asked for: it is words to everybody who reads
// them, under the policy that guests and hosts have.

import type { Page } from "@playwright/test";
import { Editor } from "./editor";
import { daily, expect, test } from "./test";

/** What a reader's browser would run, in each place where text may become more: an element, an attribute, a script, a URL. */
const hostile = `'"><img src=x onerror=ran()><script>ran()</script><a href="javascript:ran()">`;

/** Notes on each page of a browser's what ran of it, or was kept from running by the policy alone. */
async function watched(page: Page): Promise<string[]> {
  const ran: string[] = [];
  await page.context().exposeFunction("noted", (what: string) => void ran.push(what));
  await page.context().addInitScript(() => {
    const { noted } = window as unknown as { noted: (what: string) => void };
    (window as unknown as { ran: () => void }).ran = () => noted(`ran at ${location.pathname}`);
    addEventListener("securitypolicyviolation", (e) => noted(`${e.violatedDirective} at ${location.pathname}: ${e.sample}`));
  });
  return ran;
}

test("what people write is text to everybody who reads it", daily, async ({ host, visitor, email }) => {
  test.slow();
  const ran = await watched(host.page);
  const ranAtGuest = await watched(visitor.page);
  const { page } = visitor;
  const { m, c } = visitor;
  const question = { required: true, options: [] as string[] };

  await test.step("a host, of themselves and their page", async () => {
    await host.signUp();
    await host.toIntegrations();
    await host.connectZoom(host.email);
    await host.connectGoogle(host.email);
    await host.goTo("settings");
    await host.field(host.m.settings.name).fill(hostile);
    await host.button(host.m.save).click();
    await expect(host.toast).toContainText(host.m.saved);
    await host.publish("hostile", {
      title: hostile,
      description: `${hostile}\n${hostile}`,
      confirmationNote: hostile,
      phone: "optional",
      maxCoAttendees: 1,
      consent: { text: hostile, url: "", version: "1" },
      questions: [
        { ...question, id: "text", type: "text", label: hostile },
        { ...question, id: "area", type: "textarea", label: `2 ${hostile}` },
        { ...question, id: "one", type: "select", label: `3 ${hostile}`, options: [hostile, "b"] },
        { ...question, id: "many", type: "multiselect", label: `4 ${hostile}`, options: [`5 ${hostile}`, "b"] },
        { ...question, id: "tick", type: "checkbox", label: `6 ${hostile}` },
      ],
    });
  });

  await test.step("a guest, in every field that there is", async () => {
    await page.goto(`/b/${host.handle}/hostile`);
    await expect(page.getByRole("heading", { name: hostile })).toBeVisible();
    await visitor.chooseTime();
    for (const field of await page.getByRole("textbox").all()) await field.fill(hostile);
    await visitor.emailField.fill(email);
    await visitor.field(m.details.phone).fill("090-1234-5678");
    await page.getByRole("combobox", { name: `3 ${hostile}` }).selectOption(hostile);
    for (const box of await page.getByRole("checkbox").all()) await box.check();
    await visitor.review();
    await expect(page.getByText(hostile).first()).toBeVisible();
    await visitor.book();
    await visitor.seesConfirmed();
    await expect(page.getByText(hostile).first()).toBeVisible();
    await page.reload();
    await visitor.seesConfirmed();
  });

  await test.step("the host reads them, in every place", async () => {
    for (const place of ["home", "bookings"] as const) {
      await host.goTo(place);
      await expect(host.page.getByText(hostile).first()).toBeVisible();
    }
    await host.rows.first().click();
    await expect(host.standing).toHaveText(host.m.bookings.statuses.confirmed);
    await expect(host.page.getByText(hostile).nth(3)).toBeVisible();
    const editor = new Editor(host);
    await host.goTo("pages");
    await expect(editor.row(hostile)).toBeVisible();
    await editor.open("hostile", hostile);
  });

  await test.step("the guest cancels with such words, and both read them", async () => {
    await visitor.toCancel();
    await visitor.field(c.cancel.message).fill(hostile);
    await visitor.button(c.cancel.go).click();
    await visitor.seesCancelled();
    await expect(visitor.stated(c.cancelled.message)).toContainText(hostile);
    await host.goTo("bookings");
    await host.page.goto(`/console/bookings/${visitor.booking.id}`);
    await expect(host.page.getByRole("region", { name: host.m.booking.wasCancelled.guest })).toContainText(hostile);
  });

  await test.step("an address says such things", async () => {
    host.expectComplaint(/status of 404/);
    visitor.expectComplaint(/status of 404/);
    for (const path of [`/b/${host.handle}/hostile?date=${encodeURIComponent(hostile)}`, `/b/${encodeURIComponent(hostile)}/x`, `/b/${host.handle}/hostile/${encodeURIComponent(hostile)}#${hostile}`]) await page.goto(path);
    for (const path of [`/console/${encodeURIComponent(hostile)}`, `/console/integrations?error=${encodeURIComponent(hostile)}&provider=javascript:ran()`, `/console/bookings/${encodeURIComponent(hostile)}`]) {
      await host.page.goto(path);
      await expect(host.page.getByRole("heading", { level: 1 })).toBeVisible();
    }
  });

  expect([...ran, ...ranAtGuest], "what ran, or only the policy kept from running").toEqual([]);
});
