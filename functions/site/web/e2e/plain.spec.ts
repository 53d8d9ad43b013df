// Where no script runs, links and a form book. The words of these pages are the
// server's (shared/site/words.go); where they are the script's too, both agree.

import type { Browser, Page } from "@playwright/test";
import type { Guest } from "./guest";
import { faults } from "./stack";
import { daily, expect, expectAccessible, expectToFit, inEachLanguage, test } from "./test";

test.use({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });

/** Days and times are lists of links. */
const choices = (page: Page) => page.getByRole("main").getByRole("listitem").getByRole("link");

async function chooseTime({ page, nameField }: Guest): Promise<void> {
  await page.goto("/b/demo/intro");
  await choices(page).last().click();
  await expect(page).toHaveURL(/date=/);
  await choices(page).last().click();
  await expect(nameField).toBeVisible();
}

/** What is checked by a script is checked in a copy of the page, where scripts run. */
async function expectGood(page: Page, browser: Browser): Promise<void> {
  await expectToFit(page);
  const copy = await browser.newPage({ javaScriptEnabled: true, bypassCSP: true });
  await copy.goto("/"); // the style is for our own pages
  await copy.setContent((await page.content()).replace(/<\/?noscript>|<script .*?<\/script>/g, ""));
  await expectAccessible(copy, "light");
  await expectAccessible(copy, "dark");
  await copy.close();
}

/** The form tells robots by when it was shown, as its own clock says. */
async function longAgo(page: Page): Promise<void> {
  await page.locator("input[name=shown]").evaluate((shown: HTMLInputElement) => (shown.value = "0"));
}

async function toSubmitted(guest: Guest): Promise<void> {
  await chooseTime(guest);
  await guest.fillDetails();
  await longAgo(guest.page);
  await guest.book();
}

inEachLanguage(() => {
  test("without a script a guest books, and the result comes by itself", daily, async ({ guest, page, stack, browser }) => {
    const { m } = guest;
    await page.goto("/b/demo/intro");
    await expectGood(page, browser);
    await choices(page).last().click();
    await expect(page).toHaveURL(/date=/);
    await expectGood(page, browser);
    await choices(page).last().click();
    await expect(guest.nameField).toBeVisible();
    await expectGood(page, browser);

    await stack.fail(faults.zoomSilent);
    await guest.fillDetails();
    await longAgo(page);
    await guest.book();
    await expect(guest.heading(m.progress.heading)).toBeVisible();
    await stack.mend();
    await guest.seesConfirmed(); // the page asks again by itself
    await expectGood(page, browser);

    const { meetings, events, mails } = await stack.outside(guest.booking);
    expect([meetings.length, events.length, mails.length]).toEqual([1, 1, 1]);
    await expect(page.getByRole("link", { name: meetings[0]!.joinUrl })).toBeVisible();
    await expect(guest.stated(m.result.passcode)).toHaveText(meetings[0]!.passcode);
    expect(mails[0]!.body.text).toContain(meetings[0]!.joinUrl);
  });

  test("without a script the form says what is wrong with it, and keeps what was typed", async ({ guest, page, browser }) => {
    guest.expectComplaint(/status of 422/);
    await chooseTime(guest);
    await guest.fillDetails();
    await guest.emailField.fill("terry@nowhere"); // which browsers let pass
    await longAgo(page);
    await guest.book();
    await expect(guest.alert).toBeVisible();
    await expect(guest.emailField).toHaveAttribute("aria-invalid", "true");
    await expect(guest.emailField).not.toHaveAccessibleDescription("");
    await expect(guest.nameField).toHaveValue(guest.name);
    await expectGood(page, browser);
    await guest.emailField.fill(guest.email);
    await guest.book();
    await guest.seesConfirmed();
  });

  test("without a script other times are offered for one that is taken meanwhile", async ({ guest, page, stack }) => {
    guest.expectComplaint(/status of 409/);
    await chooseTime(guest);
    await guest.fillDetails();
    await longAgo(page);
    await stack.book(await page.locator("input[name=start]").inputValue());
    await guest.book();
    await expect(guest.alert).toBeVisible();
    await guest.seesDetails();
    const others = page.getByRole("combobox");
    await others.selectOption({ index: 1 });
    const start = await others.inputValue();
    await guest.book();
    await guest.seesConfirmed();
    const { meetings } = await stack.outside(guest.booking);
    expect(Date.parse(meetings[0]!.start)).toBe(Date.parse(start));
  });

  test("without a script a failure is told, with a way back", async ({ guest, page, stack }) => {
    await stack.fail(faults.zoomRefuses);
    await toSubmitted(guest);
    await guest.seesFailed();
    await expect.poll(() => stack.outside(guest.booking)).toMatchObject({ meetings: [], events: [], mails: [{}] });
    await guest.link(guest.m.result.again).click();
    await expect(choices(page).first()).toBeVisible();
  });
});

inEachLanguage(() => {
  test("without a script a guest cancels, and says why", async ({ guest, page, stack, browser }) => {
    const { m, c } = guest;
    await toSubmitted(guest);
    await guest.seesConfirmed();
    await guest.link(m.change.cancel).click();
    await expect(guest.heading(c.cancel.heading)).toBeVisible();
    await expect(page.getByRole("listitem").filter({ hasText: c.cancel.zoom })).toBeVisible();
    await expectGood(page, browser);
    await page.getByRole("combobox").selectOption({ label: c.cancel.reasons.conflict });
    await guest.field(c.cancel.message).fill("急用のため\nSorry about this");
    await guest.button(c.cancel.go).click();
    await guest.seesCancelled();
    await expect(page).not.toHaveURL(/cancel/);
    await expect(guest.stated(c.cancelled.reason)).toHaveText(c.cancelled.reasons.conflict);
    await expect(guest.stated(c.cancelled.message)).toContainText("Sorry about this");
    await expectGood(page, browser);
    await expect.poll(() => stack.outside(guest.booking)).toMatchObject({ meetings: [], events: [], mails: [{}, {}], hostMails: [{}, {}] });

    await page.goBack(); // to the form, which has nothing to ask any more
    await page.reload();
    await guest.seesCancelled();
  });

  test("without a script a guest moves their booking, and the result comes by itself", async ({ guest, page, stack, browser }) => {
    const { m, c } = guest;
    await toSubmitted(guest);
    await guest.seesConfirmed();
    await guest.link(m.change.reschedule).click();
    await expectGood(page, browser);
    await choices(page).last().click();
    await expect(page).toHaveURL(/date=/);
    await expectGood(page, browser);
    await choices(page).first().click();
    await expect(guest.button(c.compare.go)).toBeVisible();
    await expectGood(page, browser);
    const start = await page.locator("input[name=start]").inputValue();

    await stack.fail(faults.zoomChangeSilent);
    await guest.button(c.compare.go).click();
    await expect(guest.heading(c.moving.heading)).toBeVisible();
    await stack.mend();
    await guest.seesMoved();
    await expectGood(page, browser);
    const { meetings, events } = await stack.outside(guest.booking);
    expect([...meetings, ...events].map((each) => Date.parse(each.start))).toEqual([Date.parse(start), Date.parse(start)]);
    await expect(page.getByRole("link", { name: meetings[0]!.joinUrl })).toBeVisible();
  });

  test("without a script a move that fails is told, and the booking stands", async ({ guest, page, stack }) => {
    const { m, c } = guest;
    await toSubmitted(guest);
    await guest.seesConfirmed();
    await stack.fail(faults.zoomChangeRefused);
    await guest.link(m.change.reschedule).click();
    await choices(page).last().click();
    await choices(page).first().click();
    await guest.button(c.compare.go).click();
    await expect(guest.heading(c.failed.heading)).toBeVisible();
    const { meetings } = await stack.outside(guest.booking);
    await expect(page.getByRole("link", { name: meetings[0]!.joinUrl })).toBeVisible();
    await expect(guest.link(m.change.reschedule)).toBeVisible();
  });
});

test("without a script other times are offered for one that is taken before the move", async ({ guest, page, stack, browser }) => {
  const { m, c } = guest;
  guest.expectComplaint(/status of 409/);
  await toSubmitted(guest);
  await guest.seesConfirmed();
  await guest.link(m.change.reschedule).click();
  await choices(page).last().click();
  await choices(page).first().click();
  await stack.book(await page.locator("input[name=start]").inputValue());
  await guest.button(c.compare.go).click();
  await expect(guest.alert).toBeVisible();
  await expectGood(page, browser);
  const others = page.getByRole("combobox");
  await others.selectOption({ index: 1 });
  const start = await others.inputValue();
  await guest.button(c.compare.go).click();
  await guest.seesMoved();
  const { meetings } = await stack.outside(guest.booking);
  expect(Date.parse(meetings[0]!.start)).toBe(Date.parse(start));
});

test("without a script a form that is sent twice books once", async ({ guest, page, stack }) => {
  await toSubmitted(guest);
  await guest.seesConfirmed();
  await page.goBack();
  await guest.book();
  await guest.seesConfirmed();
  expect((await stack.outside(guest.booking)).meetings).toHaveLength(1);
  expect(await stack.mailsTo(guest.email)).toHaveLength(1);
});

test("without a script times are shown in the zone that a guest chooses", async ({ guest, page }) => {
  await page.goto("/b/demo/intro");
  await choices(page).first().click();
  await page.getByRole("combobox").selectOption("Pacific/Kiritimati");
  await page.getByRole("main").getByRole("button").click();
  await expect(page).toHaveURL(/timezone=Pacific(%2F|\/)Kiritimati/);
  await choices(page).first().click();
  await expect(guest.nameField).toBeVisible();
  await expect(page.locator("input[name=start]")).toHaveValue(/\+14:00$/);
});
