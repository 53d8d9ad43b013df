import { daily, expect, expectToFit, inEachLanguage, test } from "./test";

const windows = {
  "a small phone": { viewport: { width: 320, height: 640 } },
  "a phone": { viewport: { width: 390, height: 844 } },
  "a desktop": { viewport: { width: 1280, height: 900 } },
  "a window 640 px wide, at 200 %": { viewport: { width: 320, height: 400 }, deviceScaleFactor: 2 },
};

const booked = { ja: "ご予約", en: "booking" }; // in a mail's text

inEachLanguage((language) => {
  for (const [name, window] of Object.entries(windows)) {
    test.describe(() => {
      test.use(window);
      test(`a guest books on ${name}, and the booking exists everywhere`, daily, async ({ guest, page, stack }) => {
        const { m } = guest;
        await guest.open();
        await expect(page.locator("html")).toHaveAttribute("lang", language);
        await expectToFit(page);
        await guest.chooseTime();
        await expectToFit(page);
        await guest.fillDetails();
        await guest.review();
        await expect(guest.stated(m.confirm.name)).toHaveText(guest.name);
        await expect(guest.stated(m.confirm.email)).toHaveText(guest.email);
        await expect(guest.stated(m.confirm.company)).toHaveText(guest.company);
        await expectToFit(page);
        const start = await guest.start();
        await guest.book();
        await guest.seesConfirmed();
        await expect(page.getByText(m.result.confirmedMailed(guest.email))).toBeVisible();
        await expectToFit(page);

        // The host's mail leaves last.
        await expect.poll(() => stack.outside(guest.booking)).toMatchObject({ meetings: [{}], events: [{}], mails: [{}], hostMails: [{}] });
        const outside = await stack.outside(guest.booking);
        const [meeting, event, mail] = [outside.meetings[0]!, outside.events[0]!, outside.mails[0]!];
        expect([meeting.start, event.start].map(Date.parse)).toEqual([Date.parse(start), Date.parse(start)]);
        await expect(guest.stated(m.result.joinUrl)).toContainText(meeting.joinUrl);
        await expect(guest.stated(m.result.passcode)).toContainText(meeting.passcode);
        expect(event.description).toContain(meeting.joinUrl);
        expect(mail.body.text).toContain(booked[language]);
        for (const told of [meeting.joinUrl, meeting.passcode, page.url().replace(/\?.*(?=#)/, "")]) expect(mail.body.text).toContain(told);
        expect(await stack.offers(start)).toBe(false);
      });
    });
  }
});

test("a guest who is quicker than people are is booked, not refused", async ({ guest, page }) => {
  await guest.toConfirm();
  await page.evaluate(() => {
    const opened = performance.now(); // just now
    const now = performance.now.bind(performance);
    performance.now = () => now() - opened;
  });
  await guest.book();
  await guest.seesConfirmed();
});
