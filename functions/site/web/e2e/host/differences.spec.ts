// What a host deletes or moves at Zoom and in the calendar themselves: told on the
// screens, and what is to become of the booking chosen there.

import { slotOn, startOn } from "../../src/console/when";
import { locales } from "../guest";
import type { Stack } from "../stack";
import type { Host } from "./host";
import { daily, expect, inEachLanguage, test } from "./test";

/** A booking that stands, with what there is of it outside. */
async function booked(stack: Stack, email: string) {
  const slot = (await stack.slots("Asia/Tokyo")).at(-1);
  if (!slot) throw new Error("the page has no open times");
  const booking = { ...(await stack.book(slot.start, { name: `Differs ${email}`, email })), email, slot };
  await expect.poll(async () => (await stack.outside(booking)).mails.length, "the guest's confirmation").toBe(1);
  const { meetings, events } = await stack.outside(booking);
  const [meeting] = meetings;
  const [event] = events;
  if (!meeting || !event) throw new Error("the booking is not everywhere");
  return { ...booking, meeting, event };
}

/** Days later, on the same clock. */
const later = (stamp: string, days: number) => `${new Date(Date.parse(stamp) + (9 + 24 * days) * 3_600_000).toISOString().slice(0, 19)}+09:00`;

/** From home by "compare now" to what was found, and on to the booking. */
async function findsDifference(demo: Host, email: string): Promise<void> {
  await demo.comeBack();
  await demo.button(demo.m.home.checkNow).click();
  await expect(demo.page.getByText(demo.m.home.checking)).toBeVisible();
  await expect(demo.page.getByText(demo.m.home.checking)).toBeHidden({ timeout: 60_000 });
  const row = demo.rows.filter({ hasText: email });
  await expect(async () => {
    // A comparison that was under way may have been before the change.
    await demo.page.goto("/console");
    await demo.page.locator(".last-check").getByRole("link").click({ timeout: 2000 });
    await expect(row).toContainText(demo.m.bookings.differs, { timeout: 2000 });
  }).toPass({ timeout: 60_000 });
  await expect(demo.page).toHaveURL(/concern=differs/);
  await row.click();
  await expect(demo.heading(demo.m.booking.differences.heading)).toBeVisible();
}

const card = (demo: Host) => demo.page.getByRole("region", { name: demo.m.booking.differences.heading });

inEachLanguage((language) => {
  const locale = locales[language];

  test("a meeting that was deleted at Zoom: a new link is issued, and the guest mailed", daily, async ({ demo, stack, email }) => {
    test.slow();
    const booking = await booked(stack, email);
    await stack.deleteMeeting(booking.meeting);
    await findsDifference(demo, email);
    const d = demo.m.booking.differences;
    await expect(card(demo)).toContainText(d.gone.meeting);
    await expect(demo.link(demo.m.booking.join)).toHaveCount(0);

    await demo.button(d.restore.newUrl).click();
    await expect(demo.dialog).toContainText(d.guestNewLink(`Differs ${email}`));
    await demo.dialog.getByRole("textbox").fill("URLが変わります / The link is a new one");
    await demo.dialog.getByRole("button", { name: d.restore.newUrl, exact: true }).click();
    const told = demo.page.getByRole("region", { name: demo.m.booking.move.restored, exact: true });
    await expect(told).toContainText(demo.m.booking.move.newUrl);
    await expect(card(demo)).toHaveCount(0);
    const { meetings } = await stack.outside(booking);
    expect(meetings).toHaveLength(1);
    expect(meetings[0]?.joinUrl).not.toBe(booking.meeting.joinUrl);
    await expect(demo.page.getByRole("link", { name: meetings[0]?.joinUrl ?? "?" })).toBeVisible();
    await expect.poll(async () => (await stack.mailsTo(email)).map((mail) => mail.body.text).join("\n"), "what the guest reads").toContain(meetings[0]?.joinUrl);
    expect((await stack.mailsTo(email)).map((mail) => mail.body.text).join("\n")).toContain("The link is a new one");
  });

  test("an event that was moved in the calendar: the booking follows, and the guest is mailed", async ({ demo, stack, email }) => {
    test.slow();
    const booking = await booked(stack, email);
    const days = { ja: 1, en: 2 }[language]; // the other language's booking stays where it followed to
    const to = { start: later(booking.slot.start, days), end: later(booking.slot.end, days) };
    await stack.moveEvent(booking.event, to);
    await findsDifference(demo, email);
    const d = demo.m.booking.differences;
    await expect(card(demo)).toContainText(d.moved.event(slotOn(to, locale)));
    await demo.button(d.follow(startOn(to.start, locale))).click();
    await expect(demo.dialog).toContainText(d.guestNewTime(`Differs ${email}`));
    await demo.dialog.getByRole("button", { name: demo.m.booking.move.confirm, exact: true }).click();
    await expect(demo.page.getByRole("region", { name: demo.m.booking.move.moved.host, exact: true })).toBeVisible();
    const { meetings, events } = await stack.outside(booking);
    expect([meetings[0]?.start, events[0]?.start].map((s) => Date.parse(s ?? ""))).toEqual([Date.parse(to.start), Date.parse(to.start)]);
    await expect.poll(async () => (await stack.mailsTo(email)).length, "mails to the guest").toBe(2);
  });

  test("a meeting that was moved at Zoom is put back, and the guest hears nothing of it", async ({ demo, stack, email }) => {
    test.slow();
    const booking = await booked(stack, email);
    await stack.moveMeeting(booking.meeting, later(booking.slot.start, 1));
    await findsDifference(demo, email);
    const d = demo.m.booking.differences;
    await demo.button(d.restore.putBack).click();
    await expect(demo.dialog).toContainText(d.guestNothing(`Differs ${email}`));
    await expect(demo.dialog.getByRole("textbox")).toHaveCount(0);
    await demo.dialog.getByRole("button", { name: d.restore.putBack, exact: true }).click();
    await expect(demo.page.getByRole("region", { name: demo.m.booking.move.restored, exact: true })).toBeVisible();
    const { meetings, mails } = await stack.outside(booking);
    expect(meetings.map((m) => [Date.parse(m.start), m.joinUrl])).toEqual([[Date.parse(booking.slot.start), booking.meeting.joinUrl]]);
    expect(mails).toHaveLength(1);
  });
});

test("an event that was deleted in the calendar is added again", async ({ demo, stack, email }) => {
  test.slow();
  const booking = await booked(stack, email);
  await stack.deleteEvent(booking.event);
  await findsDifference(demo, email);
  const d = demo.m.booking.differences;
  await expect(card(demo)).toContainText(d.gone.event);
  await demo.button(d.restore.register).click();
  await demo.dialog.getByRole("button", { name: d.restore.register, exact: true }).click();
  await expect(demo.page.getByRole("region", { name: demo.m.booking.move.restored, exact: true })).toBeVisible();
  const { events, mails } = await stack.outside(booking);
  expect(events.map((e) => Date.parse(e.start))).toEqual([Date.parse(booking.slot.start)]);
  expect(mails).toHaveLength(1);
});

test("a booking whose meeting was deleted at Zoom can be cancelled from there", async ({ demo, stack, email }) => {
  test.slow();
  const booking = await booked(stack, email);
  await stack.deleteMeeting(booking.meeting);
  await findsDifference(demo, email);
  await demo.button(demo.m.booking.cancel).click();
  await demo.dialog.getByRole("button", { name: demo.m.booking.cancel, exact: true }).click();
  await expect(demo.standing).toHaveText(demo.m.bookings.statuses.cancelled);
  await expect(card(demo)).toHaveCount(0);
  expect((await stack.outside(booking)).events).toHaveLength(0);
});
