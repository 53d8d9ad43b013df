import type { Locator, Page } from "@playwright/test";
import { press, tabTo } from "./keys";
import { faults } from "./stack";
import { daily, expect, inEachLanguage, test } from "./test";

async function type(page: Page, place: Locator, text: string): Promise<void> {
  await tabTo(page, place);
  await page.keyboard.type(text);
}

inEachLanguage(() => {
  test("a guest books by keyboard alone, and focus is where the screen begins", daily, async ({ guest, page, stack }) => {
    const { m } = guest;
    await guest.open();

    // The open days are stepped through by arrow keys, over those that are not open.
    await tabTo(page, guest.days.first());
    await page.keyboard.press("ArrowRight");
    await expect(guest.days.nth(1)).toBeFocused();
    await page.keyboard.press("ArrowLeft");
    await expect(guest.days.first()).toBeFocused();
    await page.keyboard.press("Space");
    await expect(guest.days.first()).toHaveAttribute("aria-pressed", "true");
    await press(page, guest.times.last());

    await expect(guest.heading(m.details.heading)).toBeFocused();
    await press(page, guest.button(m.details.toConfirm));
    await expect(guest.nameField).toBeFocused(); // the first wrong entry
    await expect(guest.nameField).toHaveAccessibleDescription(new RegExp(m.errors.nameMissing));
    await page.keyboard.type(guest.name);
    await type(page, guest.emailField, "not an address");
    await page.keyboard.press("Enter"); // sends the form, as in any other
    await expect(guest.emailField).toBeFocused();
    await expect(guest.emailField).toHaveAccessibleDescription(new RegExp(m.errors.emailWrong));
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type(guest.email);
    await press(page, guest.button(m.details.toConfirm));

    await expect(guest.heading(m.confirm.heading)).toBeFocused();
    await press(page, guest.button(m.confirm.book));

    await expect(guest.heading(m.result.confirmed)).toBeFocused();
    await tabTo(page, guest.link(m.result.join));
    expect(await stack.outside(guest.booking)).toMatchObject({ meetings: [{}], events: [{}], mails: [{}] });
  });
});

test("after a failure focus is on why, and the way back is a Tab away", async ({ guest, page, stack }) => {
  await stack.fail(faults.zoomRefuses);
  await guest.toSubmitted();
  await expect(guest.heading(guest.m.result.failed)).toBeFocused();
  await press(page, guest.link(guest.m.result.again));
  await expect(guest.heading(guest.m.choose.heading)).toBeVisible();
});

test("Escape closes the time zones, and focus returns to the button that opened them", async ({ guest, page }) => {
  await guest.open();
  await press(page, guest.button(guest.m.zone.change));
  await expect(guest.zoneDialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(guest.zoneDialog).toBeHidden();
  await expect(guest.button(guest.m.zone.change)).toBeFocused();
});
