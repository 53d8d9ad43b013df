import { expect, test } from "vitest";
import type { Booking } from "./api";
import { calendarLinks } from "./calendar-links";
import { catalogues } from "./messages";

const booking: Booking = {
  id: "b1",
  status: "confirmed",
  start: "2026-12-01T10:00:00+09:00",
  end: "2026-12-01T10:30:00+09:00",
  timezone: "Asia/Tokyo",
  guest: { name: "佐藤", email: "s@example.com" },
  host: "約束 花子",
  title: "初回相談 & more",
  joinUrl: "https://zoom.example/j/1?pwd=a",
  passcode: "123456",
  steps: [],
  revision: 0,
  canCancel: true,
  canReschedule: true,
};

test("each calendar gets the instant, the way to join and no token", () => {
  const links = calendarLinks(booking, catalogues.ja).map(({ name, href }) => {
    const { origin, pathname, searchParams: q } = new URL(href);
    expect(href).not.toMatch(/[+ ]/);
    return { name, to: origin + pathname, title: q.get("text") ?? q.get("subject"), when: q.get("dates") ?? [q.get("startdt"), q.get("enddt")], at: q.get("location") };
  });
  const same = { title: "初回相談 & more（約束 花子様）", at: booking.joinUrl };
  const outlook = { ...same, when: ["2026-12-01T01:00:00Z", "2026-12-01T01:30:00Z"] };
  expect(links).toEqual([
    { name: "Google", to: "https://calendar.google.com/calendar/render", when: "20261201T010000Z/20261201T013000Z", ...same },
    { name: "Outlook.com", to: "https://outlook.live.com/calendar/0/deeplink/compose", ...outlook },
    { name: "Microsoft 365", to: "https://outlook.office.com/calendar/0/deeplink/compose", ...outlook },
  ]);
});
