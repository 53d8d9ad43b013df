// Back and forward, and from one language to the other.

import { catalogues } from "../src/messages";
import { Guest } from "./guest";
import { daily, expect, test } from "./test";

test("the browser's back and forward lead through the screens, and nothing typed is lost", daily, async ({ guest, page }) => {
  const { m } = guest;
  await guest.toConfirm();
  const start = await guest.start();
  await page.goBack();
  await expect(guest.heading(m.details.heading)).toBeVisible();
  await guest.seesDetails();
  await page.goBack();
  await expect(guest.heading(m.choose.heading)).toBeVisible();
  await page.goForward();
  await guest.seesDetails();
  await page.goForward();
  await expect(guest.heading(m.confirm.heading)).toBeVisible();
  expect(await guest.start()).toBe(start);
});

test("going back and forward faster than the screens are drawn loses none of them", async ({ guest, page }) => {
  await guest.toConfirm();
  for (let n = 0; n < 5; n++) {
    await page.evaluate(async () => {
      const moved = (by: number) => new Promise((done) => (addEventListener("popstate", done, { once: true }), history.go(by)));
      for (const by of [-1, -1, 1, 1]) await moved(by);
    });
    await expect(guest.heading(guest.m.confirm.heading)).toBeVisible();
  }
});

test("from a result the browser's back begins anew, and forward shows it again, booked once", async ({ guest, page, stack }) => {
  await guest.toSubmitted();
  await guest.seesConfirmed();
  const { booking } = guest;
  await page.goBack();
  await expect(guest.heading(guest.m.choose.heading)).toBeVisible();
  await page.goForward();
  await guest.seesConfirmed();
  expect((await stack.outside(booking)).meetings).toHaveLength(1);
});

test("the buttons lead back too, and another time can be chosen without typing again", async ({ guest }) => {
  const { m } = guest;
  await guest.toConfirm();
  const start = await guest.start();
  await guest.button(m.confirm.edit).click();
  await guest.seesDetails();
  await guest.button(m.details.changeTime).click();
  await expect(guest.heading(m.choose.heading)).toBeVisible();
  await guest.days.nth((await guest.days.count()) - 2).click(); // of the last day, one time may be left
  await guest.times.last().click();
  await expect(guest.heading(m.confirm.heading)).toBeVisible(); // what was checked needs no second look
  expect(await guest.start()).not.toBe(start);
});

test("another language keeps what was chosen and typed, and holds to the end", async ({ guest, page, stack }) => {
  await guest.toDetails();
  await guest.fillDetails();
  await guest.link(catalogues.ja.language).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "ja");
  const reader = new Guest(page, "ja", guest.email);
  await expect(reader.heading(reader.m.details.heading)).toBeVisible();
  await expect(reader.nameField).toHaveValue(guest.name);
  await expect(reader.emailField).toHaveValue(guest.email);

  await page.reload();
  await reader.review();
  await reader.book();
  await reader.seesConfirmed();
  const { mails } = await stack.outside(reader.booking);
  expect(mails[0]!.body.text).toContain("ご予約");
});
