// What a guest takes along from a booking.

import { readFile } from "node:fs/promises";
import { expect, test } from "./test";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

test("the link, the passcode and the booking's address can be copied", async ({ guest, page, stack }) => {
  const { m } = guest;
  await guest.toSubmitted();
  await guest.seesConfirmed();
  const { meetings } = await stack.outside(guest.booking);
  const address = new URL(page.url());
  for (const [label, text] of [
    [m.result.copyUrl, meetings[0]!.joinUrl],
    [m.result.copyPasscode, meetings[0]!.passcode],
    [m.result.copyManage, address.origin + address.pathname + address.hash],
  ] as const) {
    const button = guest.button(label);
    await button.click();
    await expect(page.getByRole("status")).toHaveText(m.result.copied);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
  }
});

test("the booking goes into the guest's calendar, by a link or as a file", async ({ guest, page, stack }) => {
  await guest.toSubmitted();
  await guest.seesConfirmed();
  const start = await guest.start();
  const { meetings } = await stack.outside(guest.booking);
  const utc = new Date(start).toISOString().slice(0, 16); // "2026-12-01T04:30"

  const links = page.getByRole("region", { name: guest.m.result.addToCalendar }).getByRole("link");
  for (const link of await links.all()) {
    const filledIn = decodeURIComponent((await link.getAttribute("href"))!);
    expect(filledIn.replace(/[-:]/g, "")).toContain(utc.replace(/[-:]/g, ""));
    expect(filledIn).toContain(meetings[0]!.joinUrl);
  }
  const download = page.waitForEvent("download");
  await guest.button(guest.m.result.invite).click();
  const invite = await readFile(await (await download).path(), "utf8");
  expect(invite.replace(/\r\n /g, "")).toContain(meetings[0]!.joinUrl);
});
