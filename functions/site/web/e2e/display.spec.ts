// Displays that override the page's own colours, and people who want no motion.

import { faults } from "./stack";
import { expect, test } from "./test";

test("in forced colours a guest books, and what is chosen still differs from what is not", async ({ guest, page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await guest.open();
  await guest.days.last().click();
  const chosen = await guest.days.last().evaluate((day) => getComputedStyle(day).backgroundColor);
  const other = await guest.days.first().evaluate((day) => getComputedStyle(day).backgroundColor);
  expect(chosen).not.toBe(other);
  await guest.times.last().click();
  await guest.fillDetails();
  await guest.review();
  await guest.book();
  await guest.seesConfirmed();
});

test("who wants no motion sees none", async ({ guest, page, stack }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await stack.fail(faults.zoomSilent);
  await guest.toSubmitted();
  await expect(guest.step("meeting", "started")).toBeVisible();
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});
