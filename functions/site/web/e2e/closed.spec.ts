// Addresses that lead to no page to book on. Their words are the server's
// (shared/problem).

import { daily, expect, inEachLanguage, test } from "./test";

const words = {
  ja: { closed: "現在予約を受け付けていません", noPage: "予約ページが見つかりません" },
  en: { closed: "Not accepting bookings", noPage: "No such booking page" },
};

inEachLanguage((language) => {
  test("a page whose host cannot take bookings says so", async ({ guest, page }) => {
    await page.goto("/b/demo/closed");
    await expect(guest.heading(words[language].closed)).toBeVisible();
  });

  for (const slug of ["draft", "nothing"]) {
    test(`there is no page at ${slug}, and it says no more than that`, async ({ guest, page }) => {
      guest.expectComplaint(/status of 404/);
      await page.goto(`/b/demo/${slug}`);
      await expect(guest.heading(words[language].noPage)).toBeVisible();
    });
  }

  test("a booking's address without its token shows nothing of it, and leads to the page", daily, async ({ guest, page, browser }) => {
    guest.expectComplaint(/status of 40[14]/);
    await guest.toSubmitted();
    await guest.seesConfirmed();
    const other = await browser.newContext({ locale: guest.locale });
    const stranger = await other.newPage();
    await stranger.goto(new URL(page.url().replace(/#.*/, "#another")).href);
    await expect(stranger.getByRole("heading", { name: guest.m.result.missing })).toBeVisible();
    await expect(stranger.getByText(guest.email)).toBeHidden();
    await stranger.getByRole("link", { name: guest.m.result.toPage }).click();
    await expect(stranger.getByRole("heading", { name: guest.m.choose.heading })).toBeVisible();
    await other.close();
  });
});
