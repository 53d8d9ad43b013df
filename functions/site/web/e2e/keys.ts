// What people do who have no pointer.

import { expect, type Locator, type Page } from "@playwright/test";

/** Presses Tab until the place is reached: it can be, and what has focus shows it. */
export async function tabTo(page: Page, place: Locator): Promise<void> {
  await expect(place).toBeVisible();
  for (let presses = 0; presses < 60 && !(await hasFocus(place)); presses++) await page.keyboard.press("Tab");
  await expect(place).toBeFocused();
  await expect(place).not.toHaveCSS("outline-style", "none");
}

const hasFocus = (place: Locator) => place.evaluate((element) => element === document.activeElement);

export async function press(page: Page, place: Locator, key = "Enter"): Promise<void> {
  await tabTo(page, place);
  await page.keyboard.press(key);
}
