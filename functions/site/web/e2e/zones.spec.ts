// Guests on other clocks than the host's. What is right is computed from the
// slot's instant, by other code than the page's.

import type { Guest } from "./guest";
import { daily, expect, test } from "./test";

const host = "Asia/Tokyo";

/** The date and time that clocks in a zone show, such as "2026-12-01 13:30". */
function clock(start: string, timeZone: string): string {
  return new Intl.DateTimeFormat("sv", { timeZone, dateStyle: "short", timeStyle: "short" }).format(new Date(start));
}

/** The date that the page shows is the one in the zone, and the time as the page states it too. */
async function seesItIn(guest: Guest, zone: string): Promise<void> {
  const start = await guest.start();
  expect(start.slice(0, 16).replace("T", " ")).toBe(clock(start, zone));
  await expect(guest.page.getByRole("time")).toHaveText(
    new Date(start).toLocaleDateString("en-US", { timeZone: zone, weekday: "long", year: "numeric", month: "long", day: "numeric" }),
  );
}

// East and west of the date line: their days are not the host's.
for (const zone of ["Pacific/Kiritimati", "Pacific/Pago_Pago"]) {
  test.describe(zone, () => {
    test.use({ timezoneId: zone });
    test("each day offers the times of the guest's own date, and the booking is at that instant", async ({ guest, stack, page }) => {
      await guest.open();
      const offered = new Set((await stack.slots(zone)).map((s) => clock(s.start, zone).slice(0, 10)));
      const days = await guest.days.evaluateAll((buttons) => buttons.map((b) => b.dataset.date));
      expect(days.length).toBeGreaterThan(0);
      expect([...offered]).toEqual(expect.arrayContaining(days));

      await guest.chooseTime();
      await guest.fillDetails();
      await guest.review();
      await seesItIn(guest, zone);
      const start = await guest.start();
      await expect(guest.stated(guest.m.confirm.hostTime)).toContainText(
        new Date(start).toLocaleDateString("en-US", { timeZone: host, weekday: "long", month: "long", day: "numeric" }),
      );
      await guest.book();
      await guest.seesConfirmed();
      await seesItIn(guest, zone);
      const { meetings, mails } = await stack.outside(guest.booking);
      expect(Date.parse(meetings[0]!.start)).toBe(Date.parse(start));
      expect(mails[0]!.body.text).toContain(zone);
      await expect(page.getByRole("main")).toContainText(meetings[0]!.joinUrl);
    });
  });
}

test("a zone is found and chosen by keyboard, and is kept on the way back", daily, async ({ guest, page }) => {
  const { m } = guest;
  await guest.open();
  await guest.button(m.zone.change).press("Enter");
  await expect(guest.zoneDialog.getByRole("searchbox")).toBeFocused();
  await page.keyboard.type("nowhere at all");
  await expect(guest.zoneDialog.getByRole("status")).toHaveText(m.zone.none);
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("kiriti");
  await expect(guest.zoneDialog.getByRole("status")).toHaveText(m.zone.found(1));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(guest.zoneDialog).toBeHidden();
  await expect(page.getByText("Kiritimati").filter({ visible: true })).toBeVisible();

  await guest.chooseTime();
  await guest.button(m.back).click();
  await expect(page.getByText("Kiritimati").filter({ visible: true })).toBeVisible();
  await page.reload();
  await guest.chooseTime();
  await guest.fillDetails();
  await guest.review();
  await seesItIn(guest, "Pacific/Kiritimati");
});

for (const [locale, form] of [
  ["en-US", /^\d{1,2}:\d\d\s[AP]M$/],
  ["en-GB", /^\d{1,2}:\d\d$/],
  ["ja-JP", /^\d{1,2}:\d\d$/],
] as const) {
  test.describe(locale, () => {
    test.use({ locale, language: locale === "ja-JP" ? "ja" : "en", timezoneId: host });
    test("times are written as its people write them", async ({ guest }) => {
      await guest.open();
      for (const time of await guest.times.allInnerTexts()) expect(time).toMatch(form);
    });
  });
}
