// Another time for a booking, chosen by its host, and what stands outside afterwards.

import type { Slot } from "../../src/api";
import { slotOn } from "../../src/console/when";
import { dateOf } from "../../src/stamp";
import { locales } from "../guest";
import { faults, type Stack } from "../stack";
import type { Host } from "./host";
import { daily, expect, inEachLanguage, test } from "./test";

/** The open times of the last day that has some: none of them runs out while the test goes on. */
async function lastDay(stack: Stack): Promise<Slot[]> {
  const slots = await stack.slots("Asia/Tokyo");
  const day = [...new Set(slots.map((s) => dateOf(s.start)))].reverse().find((d) => slots.filter((s) => dateOf(s.start) === d).length >= 3);
  const times = slots.filter((s) => dateOf(s.start) === day);
  if (times.length < 3) throw new Error("the page has no day with open times left");
  return times;
}

async function book(stack: Stack, slot: Slot, email: string) {
  return { ...(await stack.book(slot.start, { name: `Mover ${email}`, email })), email, slot };
}

/** A booking on the last day. */
async function booked(stack: Stack, email: string) {
  return book(stack, (await lastDay(stack)).at(-1) as Slot, email);
}

/** Is at the booking's screen, and it stands. */
async function at(demo: Host, id: string): Promise<void> {
  await demo.comeBack(`/console/bookings/${id}`);
  await expect(demo.standing).toHaveText(demo.m.bookings.statuses.confirmed);
}

inEachLanguage((language) => {
  test("a booking is moved to an open time with a message: meeting, event and the guest's mail follow", daily, async ({ demo, stack, email }) => {
    const w = demo.m.booking.move;
    const booking = await booked(stack, email);
    await at(demo, booking.id);
    const before = (await stack.outside(booking)).meetings[0];
    await demo.button(demo.m.booking.reschedule).click();
    await expect(demo.moveDialog.getByRole("status").filter({ hasText: w.notes.same })).toBeVisible();
    const open = demo.moveDialog.getByRole("list", { name: w.openTimes }).getByRole("button");
    await open.first().click();
    await expect(open.first()).toHaveAttribute("aria-pressed", "true");
    await expect(demo.moveDialog.getByRole("status").filter({ hasText: w.notes.open })).toBeVisible();
    await demo.moveDialog.getByRole("textbox", { name: w.message }).fill("30分早めます / A little earlier");
    await demo.moveDialog.getByRole("button", { name: w.confirm, exact: true }).click();

    const told = demo.page.getByRole("region", { name: w.moved.host, exact: true });
    await expect(told).toBeVisible();
    await expect(demo.moveDialog).toHaveCount(0);
    const start = (await demo.page.locator(".when time").getAttribute("datetime")) ?? "";
    expect(Date.parse(start)).not.toBe(Date.parse(booking.slot.start));
    const { meetings, events } = await stack.outside(booking);
    expect(meetings.map((m) => [Date.parse(m.start), m.joinUrl])).toEqual([[Date.parse(start), before?.joinUrl]]);
    expect(events.map((e) => Date.parse(e.start))).toEqual([Date.parse(start)]);
    await expect.poll(async () => (await stack.mailsTo(email)).map((mail) => mail.body.text).join("\n"), "what the guest reads").toContain("A little earlier");
  });

  test("any time to come can be taken, by the keyboard alone", async ({ demo, stack, email }) => {
    const booking = await booked(stack, email);
    await at(demo, booking.id);
    const { page } = demo;
    await demo.button(demo.m.booking.reschedule).focus();
    await page.keyboard.press("Enter");
    await expect(demo.moveTime).toBeVisible();
    const day = page.locator(".reschedule .day[aria-pressed='true']");
    await day.focus();
    await page.keyboard.press("ArrowLeft"); // another day of the month, if there is one
    await page.keyboard.press("Enter");
    const date = (await day.getAttribute("data-date")) ?? "";
    await demo.moveTime.focus();
    await page.keyboard.press("ControlOrMeta+a");
    const time = { ja: "03:35", en: "05:35" }[language]; // the other language's test may have taken its own
    await page.keyboard.insertText(time.replace(/^0|:/g, ""));
    await expect(demo.moveDialog.getByRole("status").filter({ hasText: demo.m.booking.move.notes.outside })).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(demo.page.getByRole("region", { name: demo.m.booking.move.moved.host, exact: true })).toBeVisible();
    await expect(page.locator(".when time")).toHaveAttribute("datetime", `${date}T${time}:00+09:00`);
    await expect(demo.page.locator("h1")).toBeFocused();
  });

  test("a time that is taken, over or mistyped is told before it is asked for", async ({ demo, stack, email }) => {
    const [first, second] = (await lastDay(stack)) as [Slot, Slot];
    const booking = await book(stack, second, email);
    await book(stack, first, `other-${email}`);
    await at(demo, booking.id);
    const notes = demo.m.booking.move.notes;
    await demo.button(demo.m.booking.reschedule).click();
    const says = (text: string) => expect(demo.moveDialog.getByRole("status").filter({ hasText: text })).toBeVisible();
    const confirm = demo.moveDialog.getByRole("button", { name: demo.m.booking.move.confirm, exact: true });
    await demo.moveTime.fill(first.start.slice(11, 16));
    await says(notes.booked);
    await demo.moveTime.fill("10:02");
    await says(notes.notInFives);
    await demo.moveTime.fill("soon");
    await says(notes.malformed);
    await confirm.click();
    await expect(demo.moveTime).toBeFocused();
    await expect(demo.moveTime).toHaveAttribute("aria-invalid", "true");
    await demo.moveTime.fill(booking.slot.start.slice(11, 16));
    await confirm.click();
    await says(notes.same);
    await demo.page.keyboard.press("Escape");
    await expect(demo.moveDialog).toHaveCount(0);
    await expect(demo.button(demo.m.booking.reschedule)).toBeFocused();
  });

  test("who comes first gets a time; the other is told in words", async ({ demo, stack, email }) => {
    demo.expectComplaint(/status of 409/);
    const [first, second] = (await lastDay(stack)) as [Slot, Slot];
    const booking = await book(stack, first, email);
    await at(demo, booking.id);
    await demo.button(demo.m.booking.reschedule).click();
    await demo.moveTime.fill(second.start.slice(11, 16));
    await expect(demo.moveDialog.getByRole("status").filter({ hasText: demo.m.booking.move.notes.open })).toBeVisible();
    await stack.book(second.start, { name: "Faster" });
    await demo.moveDialog.getByRole("button", { name: demo.m.booking.move.confirm, exact: true }).click();
    await expect(demo.moveDialog.getByRole("alert")).toHaveText(demo.m.booking.move.refused.slot_taken ?? "?");
    const { meetings } = await stack.outside(booking);
    expect(meetings.map((m) => Date.parse(m.start))).toEqual([Date.parse(first.start)]);
  });

  test("while the guest moves it, the host is told so, and sees it happen", async ({ demo, stack, email }) => {
    test.slow();
    demo.expectComplaint(/status of 409/);
    const booking = await booked(stack, email);
    await at(demo, booking.id);
    await demo.button(demo.m.booking.reschedule).click();
    await demo.moveTime.fill("03:30");
    await expect(demo.moveDialog.getByRole("status").filter({ hasText: demo.m.booking.move.notes.outside })).toBeVisible();
    await stack.fail(faults.zoomHesitates);
    const to = (await stack.slots("Asia/Tokyo"))[5];
    await stack.reschedule(booking, to?.start ?? "");
    await demo.moveDialog.getByRole("button", { name: demo.m.booking.move.confirm, exact: true }).click();
    await expect(demo.moveDialog.getByRole("alert")).toHaveText(demo.m.booking.move.refused.booking_changing ?? "?");
    await demo.moveDialog.getByRole("button", { name: demo.m.booking.move.keep, exact: true }).click();
    const underWay = demo.page.getByRole("region", { name: demo.m.booking.move.underWay, exact: true });
    await expect(underWay).toContainText(slotOn(to ?? { start: "", end: "" }, locales[language]));
    await expect(underWay).toContainText(demo.m.booking.move.steps.meeting ?? "?");
    await stack.mend();
    await expect(demo.page.getByRole("region", { name: demo.m.booking.move.moved.guest, exact: true })).toBeVisible();
  });

  test("a move that does not come about leaves the booking where it stood, and says why", async ({ demo, stack, email }) => {
    const booking = await booked(stack, email);
    await at(demo, booking.id);
    await stack.fail(faults.calendarKeeps);
    await demo.button(demo.m.booking.reschedule).click();
    await demo.moveTime.fill("04:00");
    await expect(demo.moveDialog.getByRole("status").filter({ hasText: demo.m.booking.move.notes.outside })).toBeVisible();
    await demo.moveDialog.getByRole("button", { name: demo.m.booking.move.confirm, exact: true }).click();
    const failed = demo.page.getByRole("region", { name: demo.m.booking.move.failed, exact: true });
    await expect(failed).toContainText(demo.m.booking.move.failedReasons.calendar_failed ?? "?");
    expect(Date.parse((await demo.page.locator(".when time").getAttribute("datetime")) ?? "")).toBe(Date.parse(booking.slot.start));
    const { meetings } = await stack.outside(booking);
    expect(meetings.map((m) => Date.parse(m.start))).toEqual([Date.parse(booking.slot.start)]);
  });

  test("why the page's other times are closed is told on demand", async ({ demo, stack, email }) => {
    const booking = await booked(stack, email);
    await at(demo, booking.id);
    await demo.button(demo.m.booking.reschedule).click();
    await demo.moveDialog.getByText(demo.m.booking.move.why).click();
    await expect(demo.moveDialog.locator(".why li").first()).toContainText(demo.m.closed.reasons.booked ?? "?");
  });
});

test("a booking on a page that is gone can still be moved", async ({ host, stack }) => {
  test.slow();
  await host.signUp();
  await host.toIntegrations();
  await host.connectZoom(host.email);
  await host.connectGoogle(host.email);
  await host.publish("short-lived");
  const slots = await stack.slots("Asia/Tokyo", "short-lived", host.handle);
  const { id } = await stack.book(slots.at(-1)?.start ?? "", { host: host.handle, slug: "short-lived", name: "Orphan" });
  await host.page.goto(`/console/bookings/${id}`);
  await expect(host.standing).toHaveText(host.m.bookings.statuses.confirmed);
  await host.ask("pages/short-lived", "DELETE");
  await host.button(host.m.booking.reschedule).click();
  await expect(host.moveDialog).toContainText(host.m.booking.move.pageGone);
  await host.moveTime.fill("05:05");
  await expect(host.moveDialog.getByRole("status").filter({ hasText: host.m.booking.move.notes.outside })).toBeVisible();
  await host.moveDialog.getByRole("button", { name: host.m.booking.move.confirm, exact: true }).click();
  await expect(host.page.getByRole("region", { name: host.m.booking.move.moved.host, exact: true })).toBeVisible();
});
