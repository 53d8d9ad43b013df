// A guest cancels or moves their booking: everywhere or not at all, told before and
// after, and whatever fails there is a way on.

import { changeCatalogues } from "../src/change/messages";
import type { Guest } from "./guest";
import { press, tabTo } from "./keys";
import { faults, type Stack } from "./stack";
import { daily, expect, expectToFit, inEachLanguage, test } from "./test";

const cancels = "**/api/bookings/*/cancel";
const moves = "**/api/bookings/*/reschedule";

const instant = (stamp: string) => Date.parse(stamp);

/** The booking stands at one time, everywhere. */
async function standsAt(start: string, guest: Guest, stack: Stack): Promise<void> {
  const { meetings, events } = await stack.outside(guest.booking);
  expect([...meetings, ...events].map((each) => instant(each.start)), "where the meeting and the event stand").toEqual([instant(start), instant(start)]);
}

inEachLanguage(() => {
  test("a guest cancels, knowing what it means, and it is cancelled everywhere", daily, async ({ guest, page, stack }) => {
    const { m, c } = guest;
    await guest.toConfirmed();
    const start = await guest.start();
    const { booking } = guest;
    expect(await stack.offers(start)).toBe(false);

    await guest.toCancel();
    await expectToFit(page);
    for (const told of [c.cancel.slot, c.cancel.zoom, c.cancel.mails(guest.email), c.cancel.final]) await expect(page.getByText(told)).toBeVisible();
    expect(await guest.start()).toBe(start);
    await page.getByRole("radio", { name: c.cancel.reasons.conflict }).check();
    await guest.field(c.cancel.message).fill("急用のため\nSorry about this");
    await guest.button(c.cancel.go).click();

    await guest.seesCancelled();
    expect(guest.booking).toEqual(booking);
    await expect(page).not.toHaveURL(/cancel/);
    await expect(page.getByText(c.cancelled.byGuestMailed(guest.email))).toBeVisible();
    await expect(guest.stated(c.cancelled.reason)).toHaveText(c.cancelled.reasons.conflict);
    await expect(guest.stated(c.cancelled.message)).toContainText("Sorry about this");
    await expect(guest.link(m.result.join)).toBeHidden();
    await expect.poll(() => stack.outside(booking)).toMatchObject({ meetings: [], events: [], mails: [{}, {}], hostMails: [{}, {}] });
    const { hostMails } = await stack.outside(booking);
    expect(hostMails.map((mail) => mail.body.text).join()).toContain("Sorry about this");
    await expect.poll(() => stack.offers(start)).toBe(true);

    await page.reload();
    await guest.seesCancelled();
    await expect(guest.stated(c.cancelled.message)).toContainText("Sorry about this");
    await guest.link(m.result.again).click();
    await expect(guest.heading(m.choose.heading)).toBeVisible();
  });

  test("a guest moves their booking, comparing first, and the link stays", daily, async ({ guest, page, stack }) => {
    const { m, c } = guest;
    await guest.toConfirmed();
    const before = await guest.start();
    const url = await guest.stated(m.result.joinUrl).locator(".wire").innerText();

    await guest.toReschedule();
    await expectToFit(page);
    await expect(page.getByText(c.choose.present)).toBeVisible();
    const now = await guest.chooseAnother();
    await expectToFit(page);
    expect(instant(now)).not.toBe(instant(before));
    expect(await guest.startOf(c.present)).toBe(before);
    await expect(page.getByText(c.compare.what(guest.email))).toBeVisible();
    await guest.move();

    await guest.seesMoved();
    await expect(page).not.toHaveURL(/reschedule|start=/);
    await expect(page.getByText(c.moved.sameLink)).toBeVisible();
    await expect(page.getByText(guest.words(before))).toHaveCSS("text-decoration-line", "line-through");
    expect(await guest.start()).toBe(now);
    expect(await guest.stated(m.result.joinUrl).locator(".wire").innerText()).toBe(url);
    await standsAt(now, guest, stack);
    await expect.poll(() => stack.outside(guest.booking)).toMatchObject({ mails: [{}, {}], hostMails: [{}, {}] });
    await expect.poll(() => stack.offers(before)).toBe(true);
    expect(await stack.offers(now)).toBe(false);

    await page.reload();
    await guest.seesMoved();
    expect(await guest.start()).toBe(now);
  });

  test("a guest cancels by keyboard alone", async ({ guest, page, stack }) => {
    const { m, c } = guest;
    await guest.toConfirmed();
    await press(page, guest.link(m.change.cancel));
    await expect(guest.heading(c.cancel.heading)).toBeFocused();
    await tabTo(page, page.getByRole("radio", { name: c.cancel.noReason }));
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("radio", { name: c.cancel.reasons.not_needed })).toBeChecked();
    await tabTo(page, guest.field(c.cancel.message));
    await page.keyboard.type("By keyboard");
    await press(page, guest.button(c.cancel.go));
    await expect(guest.heading(m.result.cancelled)).toBeFocused();
    await expect(guest.stated(c.cancelled.reason)).toHaveText(c.cancelled.reasons.not_needed);
    await expect.poll(() => stack.outside(guest.booking)).toMatchObject({ meetings: [], events: [] });
  });

  test("a guest moves their booking by keyboard alone", async ({ guest, page, stack }) => {
    const { m, c } = guest;
    await guest.toConfirmed();
    await press(page, guest.link(m.change.reschedule));
    await expect(guest.heading(c.choose.heading)).toBeFocused();
    await press(page, guest.days.last(), "Space");
    await press(page, guest.times.first());
    await expect(guest.heading(c.compare.heading)).toBeFocused();
    const now = await guest.startOf(c.next);
    await press(page, guest.button(c.compare.go));
    await expect(guest.heading(c.moved.heading)).toBeFocused();
    await standsAt(now, guest, stack);
  });

  test("a time that someone else books meanwhile is not moved to, and the nearest are offered", async ({ guest, stack }) => {
    const { c } = guest;
    guest.expectComplaint(/status of 409/);
    await guest.toConfirmed();
    const before = await guest.start();
    await guest.toReschedule();
    const taken = await guest.chooseAnother();
    await stack.book(taken);
    await guest.move();
    await expect(guest.alert).toHaveText(c.choose.taken(guest.words(taken)));
    await expect(guest.heading(c.choose.heading)).toBeFocused();
    await standsAt(before, guest, stack);

    await guest.nearest.first().click();
    const now = await guest.startOf(c.next);
    expect([instant(before), instant(taken)]).not.toContain(instant(now));
    await guest.move();
    await guest.seesMoved();
    await standsAt(now, guest, stack);
  });

  test("when Zoom refuses the move, the booking stands where it stood, and another time can be tried", async ({ guest, page, stack }) => {
    const { m, c } = guest;
    await guest.toConfirmed();
    const before = await guest.start();
    const url = await guest.stated(m.result.joinUrl).locator(".wire").innerText();
    await stack.fail(faults.zoomChangeRefused);
    await guest.toReschedule();
    const wanted = await guest.chooseAnother();
    await guest.move();
    await expect(guest.heading(c.failed.heading)).toBeVisible();
    await expect(guest.alert).toContainText("Zoom");
    await expect(page.getByText(c.failed.stands)).toBeVisible();
    expect(await guest.start()).toBe(before);
    expect(await guest.stated(m.result.joinUrl).locator(".wire").innerText()).toBe(url);
    await standsAt(before, guest, stack);
    await expect.poll(() => stack.offers(wanted)).toBe(true);
    await page.reload();
    await expect(guest.heading(c.failed.heading)).toBeVisible();

    await stack.mend();
    await guest.link(c.failed.again).click();
    await expect(guest.heading(c.choose.heading)).toBeVisible();
    const now = await guest.chooseAnother();
    await guest.move();
    await guest.seesMoved();
    await standsAt(now, guest, stack);
  });
});

test("each screen of a change is the same after a reload, and back and forward lead through them", async ({ guest, page, stack }) => {
  const { c } = guest;
  await guest.toConfirmed();
  const before = await guest.start();

  await guest.toCancel();
  await page.getByRole("radio", { name: c.cancel.reasons.other }).check();
  await guest.field(c.cancel.message).fill("not sent yet");
  await page.reload();
  await expect(guest.heading(c.cancel.heading)).toBeVisible();
  await expect(page.getByRole("radio", { name: c.cancel.reasons.other })).toBeChecked();
  await expect(guest.field(c.cancel.message)).toHaveValue("not sent yet");
  await guest.link(c.keep).click();
  await guest.seesConfirmed();

  await guest.toReschedule();
  await guest.days.first().click();
  const day = await guest.days.first().getAttribute("data-date");
  await page.reload();
  await expect(guest.heading(c.choose.heading)).toBeVisible();
  await expect(page.locator(`[data-date="${day}"]`)).toHaveAttribute("aria-pressed", "true");
  const now = await guest.chooseAnother();
  await page.reload();
  await expect(guest.heading(c.compare.heading)).toBeVisible();
  await expect.poll(() => guest.startOf(c.next)).toBe(now);
  expect(await guest.startOf(c.present)).toBe(before);

  await page.goBack();
  await expect(guest.heading(c.choose.heading)).toBeVisible();
  await page.goBack();
  await guest.seesConfirmed();
  await page.goForward();
  await expect(guest.heading(c.choose.heading)).toBeVisible();
  await page.goForward();
  await expect(guest.heading(c.compare.heading)).toBeVisible();
  await guest.link(c.compare.other).click();
  await expect(guest.heading(c.choose.heading)).toBeVisible();
  await guest.link(c.keep).click();
  await guest.seesConfirmed();
  expect(await guest.start()).toBe(before);
  await standsAt(before, guest, stack); // for all the looking around
});

test("a move goes on while its guest reloads, and ends as it would have", async ({ guest, page, stack }) => {
  const { c } = guest;
  await guest.toConfirmed();
  const before = await guest.start();
  await stack.fail(faults.zoomChangeSilent);
  await guest.toReschedule();
  const now = await guest.chooseAnother();
  await guest.move();
  await expect(guest.heading(c.moving.heading)).toBeVisible();
  await expect(guest.moveStep("hold", "done")).toBeVisible();
  await expect(guest.moveStep("meeting", "started")).toBeVisible();
  await page.reload();
  await expect(guest.heading(c.moving.heading)).toBeVisible();
  await expect(guest.moveStep("hold", "done")).toBeVisible();
  expect(await guest.startOf(c.present)).toBe(before);
  expect(await guest.startOf(c.next)).toBe(now);
  await stack.mend();
  await guest.seesMoved();
  await standsAt(now, guest, stack);
});

test("a cancellation whose answer is lost is sent again, and cancels once", async ({ guest, page, stack }) => {
  const { m, c } = guest;
  guest.expectComplaint(/net::ERR_FAILED/);
  await guest.toConfirmed();
  await guest.toCancel();
  await page.route(cancels, async (route) => {
    await route.fetch(); // it arrives
    await route.abort();
  });
  await guest.button(c.cancel.go).click();
  await expect(guest.alert).toHaveText(c.unanswered);
  await page.unroute(cancels);
  await guest.button(m.confirm.sendAgain).click();
  await guest.seesCancelled();
  await expect.poll(() => stack.outside(guest.booking)).toMatchObject({ meetings: [], events: [], mails: [{}, {}], hostMails: [{}, {}] });
});

test("after a cancellation whose answer is lost a reload tells that it was made", async ({ guest, page }) => {
  guest.expectComplaint(/net::ERR_FAILED/);
  await guest.toConfirmed();
  await guest.toCancel();
  await page.route(cancels, async (route) => {
    await route.fetch();
    await route.abort();
  });
  await guest.button(guest.c.cancel.go).click();
  await expect(guest.alert).toHaveText(guest.c.unanswered);
  await page.reload();
  await guest.seesCancelled();
  await expect(page).not.toHaveURL(/cancel/);
});

test("a move whose answer is lost is sent again, and moves once", async ({ guest, page, stack }) => {
  const { m, c } = guest;
  guest.expectComplaint(/net::ERR_FAILED/);
  await guest.toConfirmed();
  await guest.toReschedule();
  const now = await guest.chooseAnother();
  await page.route(moves, async (route) => {
    await route.fetch();
    await route.abort();
  });
  await guest.move();
  await expect(guest.alert).toHaveText(c.unanswered);
  await page.unroute(moves);
  await guest.button(m.confirm.sendAgain).click();
  await guest.seesMoved();
  await standsAt(now, guest, stack);
  await expect.poll(() => stack.outside(guest.booking)).toMatchObject({ mails: [{}, {}], hostMails: [{}, {}] });
});

test("behind another change of the booking a guest waits, and is told so", async ({ guest, page, stack }) => {
  const { c } = guest;
  guest.expectComplaint(/status of 409/);
  await guest.toConfirmed();
  await guest.toReschedule();
  const now = await guest.chooseAnother();
  await page.route(moves, (route) => route.fulfill({ status: 409, contentType: "application/problem+json", json: { code: "booking_changing", detail: "" } }));
  await guest.move();
  await expect(page.getByText(c.compare.waiting)).toBeVisible();
  await page.unroute(moves);
  await guest.seesMoved();
  await standsAt(now, guest, stack);
});

test("what cannot be changed any more is told in words, on the booking's own page", async ({ guest, page, stack }) => {
  const { c } = guest;
  guest.expectComplaint(/status of 409/);
  for (const [to, calls, go] of [
    [() => guest.toCancel(), cancels, c.cancel.go],
    [() => guest.toReschedule().then(() => guest.chooseAnother()), moves, c.compare.go],
  ] as const) {
    await guest.toConfirmed();
    const start = await guest.start();
    await to();
    await page.route(calls, (route) =>
      route.fulfill({ status: 409, contentType: "application/problem+json", json: { code: "too_late_to_change", detail: "It is too late. Please ask the host." } }),
    );
    await guest.button(go).click();
    await expect(guest.alert).toHaveText("It is too late. Please ask the host.");
    await guest.seesConfirmed();
    await standsAt(start, guest, stack);
  }
});

test("a meeting that is gone is told, and its link is not shown", async ({ guest, page }) => {
  const { m, c } = guest;
  await guest.toConfirmed();
  await guest.pretend({ meetingGone: true, joinUrl: undefined, passcode: undefined });
  await page.reload();
  await expect(guest.alert).toHaveText(m.result.meetingGone);
  await expect(guest.link(m.result.join)).toBeHidden();
  await expect(guest.button(m.result.invite)).toBeHidden();
  await guest.toReschedule();
  await guest.chooseAnother();
  await expect(page.getByText(c.compare.whatNewUrl(guest.email))).toBeVisible();
});

test("a link that changed with the move is told", async ({ guest, page }) => {
  await guest.toConfirmed();
  const start = await guest.start();
  await guest.pretend({ moved: { from: start, by: "host", at: start, newUrl: true } });
  await page.reload();
  await expect(guest.heading(guest.c.moved.newUrl)).toBeVisible();
  await expect(page.getByText(guest.c.moved.otherLink)).toBeVisible();
});

test("a booking page loads nothing of what changes bookings, and a change that does not load can be loaded again", async ({ guest, page }) => {
  guest.expectComplaint(/net::ERR_FAILED|Failed to fetch/);
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(request.url()));
  await guest.toConfirmed();
  const chunk = /\/assets\/change-/;
  expect(loaded.filter((url) => chunk.test(url))).toEqual([]);

  await page.route(chunk, (route) => route.abort());
  await guest.link(guest.m.change.cancel).click();
  await expect(guest.alert).toHaveText(guest.m.change.loadFailed);
  await page.unroute(chunk);
  await guest.button(guest.m.change.loadAgain).click();
  await expect(guest.heading(guest.c.cancel.heading)).toBeVisible();
});

test("the link in the confirmation mail opens a page on which the booking can be moved and cancelled", async ({ guest, browser, stack }) => {
  await guest.toConfirmed();
  const [mail] = await stack.mailsTo(guest.email);
  const link = /http\S+\/b\/demo\/intro\/\S+#\S+/.exec(mail!.body.text)?.[0] ?? "";
  const page = await browser.newPage({ locale: "ja-JP" }); // another device, in another language
  const c = changeCatalogues.ja;
  await page.goto(link);
  await page.getByRole("link", { name: "日時を変更" }).click();
  await expect(page.getByRole("heading", { name: c.choose.heading })).toBeVisible();
  await page.goBack();
  await page.getByRole("link", { name: "予約をキャンセル" }).click();
  await page.getByRole("button", { name: c.cancel.go }).click();
  await expect(page.getByRole("heading", { name: "この予約はキャンセルされました" })).toBeVisible();
  await expect.poll(() => stack.outside(guest.booking)).toMatchObject({ meetings: [], events: [] });
  await page.close();
});
