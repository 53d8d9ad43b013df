// A reload, or a connection that fails, loses nothing, and the screen goes on
// telling what is true.

import { faults } from "./stack";
import { daily, expect, inEachLanguage, test } from "./test";

inEachLanguage(() => {
  test("each screen is the same after a reload", async ({ guest, page, stack }) => {
    const { m } = guest;
    await guest.open();
    await guest.days.last().click();
    const day = await guest.days.last().getAttribute("data-date");
    await page.reload();
    await expect(guest.days.last()).toHaveAttribute("data-date", day!);
    await expect(guest.days.last()).toHaveAttribute("aria-pressed", "true");

    await guest.chooseTime();
    await guest.fillDetails();
    await page.reload();
    await expect(guest.heading(m.details.heading)).toBeVisible();
    await guest.seesDetails();

    await guest.review();
    const start = await guest.start();
    await page.reload();
    await expect(guest.heading(m.confirm.heading)).toBeVisible();
    expect(await guest.start()).toBe(start);
    await expect(guest.stated(m.confirm.name)).toHaveText(guest.name);

    await stack.fail(faults.zoomSilent);
    await guest.book();
    await expect(guest.step("meeting", "started")).toBeVisible();
    await page.reload();
    await expect(guest.heading(m.progress.heading)).toBeVisible();
    await expect(guest.step("hold", "done")).toBeVisible();
    await stack.mend();

    await guest.seesConfirmed();
    const url = await guest.stated(m.result.joinUrl).innerText();
    await page.reload();
    await guest.seesConfirmed();
    expect(await guest.stated(m.result.joinUrl).innerText()).toBe(url);
    expect(await guest.start()).toBe(start);
    expect(await stack.outside(guest.booking)).toMatchObject({ meetings: [{}], events: [{}], mails: [{}] });
  });
});

test("a failure is the same after a reload", async ({ guest, page, stack }) => {
  await stack.fail(faults.zoomRefuses);
  await guest.toSubmitted();
  await guest.seesFailed();
  const said = await page.getByRole("main").innerText();
  await page.reload();
  await guest.seesFailed();
  expect(await page.getByRole("main").innerText()).toBe(said);
});

test("the address of the result shows the booking in another browser", async ({ guest, page, browser }) => {
  await guest.toSubmitted();
  await guest.seesConfirmed();
  const other = await browser.newPage();
  await other.goto(page.url());
  await expect(other.getByRole("main")).toHaveText(await page.getByRole("main").innerText(), { useInnerText: true });
  await other.close();
});

test("a submission whose answer is lost is sent again, and booked once", daily, async ({ guest, page, stack }) => {
  const { m } = guest;
  guest.expectComplaint(/net::ERR_FAILED/);
  const submissions = "**/api/pages/demo/intro/bookings";
  await page.route(submissions, async (route) => {
    await route.fetch(); // it arrives
    await route.abort();
  });
  await guest.toSubmitted();
  await expect(guest.alert).toHaveText(m.notice.unanswered);

  // What is not known cannot be changed any more: it might be booked already.
  await expect(guest.button(m.confirm.edit)).toBeHidden();
  await page.reload();
  await expect(guest.alert).toHaveText(m.notice.unanswered);
  await page.goBack();
  await expect(guest.button(m.confirm.sendAgain)).toBeVisible();

  await page.unroute(submissions);
  await guest.button(m.confirm.sendAgain).click();
  await guest.seesConfirmed();
  const { meetings } = await stack.outside(guest.booking);
  expect(meetings).toHaveLength(1);
  await expect(guest.stated(m.result.joinUrl)).toContainText(meetings[0]!.joinUrl);
  expect(await stack.mailsTo(guest.email)).toHaveLength(1);
});

test("a booking goes on while its guest is offline, who is told when they are back", async ({ guest, page, stack }) => {
  guest.expectComplaint(/net::ERR_INTERNET_DISCONNECTED/);
  await stack.fail(faults.zoomSilent);
  await guest.toSubmitted();
  await expect(guest.heading(guest.m.progress.heading)).toBeVisible();
  await page.context().setOffline(true);
  await expect(guest.alert).toHaveText(guest.m.progress.lost);
  await stack.mend();
  await page.context().setOffline(false);
  await guest.seesConfirmed();
  await expect(guest.alert).toBeHidden();
});

test("times that could not be loaded can be asked for again", async ({ guest, page }) => {
  const { m } = guest;
  guest.expectComplaint(/net::ERR_INTERNET_DISCONNECTED/);
  await guest.open();
  await page.context().setOffline(true);
  await guest.chooseZone("Kiritimati"); // of which the page knows nothing yet
  await expect(guest.alert).toHaveText(m.choose.loadFailed);
  await page.context().setOffline(false);
  await guest.button(m.choose.tryAgain).click();
  await expect(guest.times.first()).toBeVisible();
});
