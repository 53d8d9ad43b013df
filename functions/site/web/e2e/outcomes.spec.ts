// When a booking does not come about: nothing is left anywhere, the guest is told
// why in words, and has a way on.

import type { Guest } from "./guest";
import { faults, type Stack } from "./stack";
import { daily, expect, inEachLanguage, test } from "./test";

/** The screen says that there is no booking, and the reason that is stored; all else is undone. */
async function seesTheReason(guest: Guest, stack: Stack): Promise<void> {
  const { m, page } = guest;
  await guest.seesFailed();
  await expect(page.getByText(m.result.failedLead)).toBeVisible();
  await expect(page.getByText(m.result.failedUnknown)).toBeHidden();
  const { id, token } = guest.booking;
  const reason = await stack.reason(id, token, guest.language);
  expect(reason).toBeTruthy();
  await expect(page.getByText(reason!)).toBeVisible();
  await expect.poll(() => stack.outside(guest.booking)).toMatchObject({ meetings: [], events: [], mails: [{}] });
}

inEachLanguage(() => {
  for (const [what, fault] of [
    ["Zoom", faults.zoomRefuses],
    ["the calendar", faults.calendarRefuses],
  ] as const) {
    test(`when ${what} refuses, nothing is booked and the guest can choose another time`, async ({ guest, stack }) => {
      await stack.fail(fault);
      await guest.toConfirm();
      const start = await guest.start();
      await guest.book();
      await seesTheReason(guest, stack);
      expect(await stack.offers(start)).toBe(true);

      await stack.mend();
      await guest.link(guest.m.result.again).click();
      await guest.chooseTime();
      await guest.fillDetails();
      await guest.review();
      await guest.book();
      await guest.seesConfirmed();
    });
  }

  test("a time that someone else books meanwhile is no longer offered, and what was typed is kept", daily, async ({ guest, stack }) => {
    guest.expectComplaint(/status of 409/);
    await guest.toConfirm();
    const taken = await guest.start();
    await stack.book(taken);
    await guest.book();
    await expect(guest.alert).toHaveText(guest.m.notice.taken(guest.words(taken)));

    await guest.nearest.first().click();
    // Nothing that was typed has to be checked again.
    await expect(guest.heading(guest.m.confirm.heading)).toBeVisible();
    for (const typed of [guest.name, guest.email, guest.company]) await expect(guest.page.getByText(typed, { exact: true })).toBeVisible();
    const start = await guest.start();
    expect(start).not.toBe(taken);
    await guest.book();
    await guest.seesConfirmed();
    const { meetings, events } = await stack.outside(guest.booking);
    expect([...meetings, ...events].map((each) => Date.parse(each.start))).toEqual([Date.parse(start), Date.parse(start)]);
  });
});

test.describe(() => {
  test.use({ ownStack: true });
  test("when the host has taken back their consent, the guest is told, and the page takes no more bookings", async ({ guest, page, stack }) => {
    await guest.toConfirm();
    await stack.revokeZoom();
    await guest.book();
    await seesTheReason(guest, stack);
    await guest.link(guest.m.result.again).click();
    await expect(guest.heading("Not accepting bookings")).toBeVisible();
    await expect(page.getByText("contact the host directly")).toBeVisible();
  });
});
