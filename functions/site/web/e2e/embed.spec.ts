// The page on a host's own site, which the questions page names as one that may
// show it: the same front door by its other name.

import type { Page } from "@playwright/test";
import { Guest } from "./guest";
import type { Stack } from "./stack";
import { daily, expect, test } from "./test";

// The site is not served but made up, so the browser takes it to be far away.
test.use({ permissions: ["local-network-access"] });

/** A site with a link to the page, as our documentation has it. */
async function openSite(page: Page, stack: Stack, site: string, mode: "inline" | "dialog"): Promise<void> {
  const front = new URL(stack.front);
  const address = `http://${site}:${front.port}/site`;
  const html = `<!doctype html><html lang="en"><title>A site</title><script src="${front.origin}/embed.js" async></script>
    <a href="${front.origin}/b/demo/questions?lang=en" data-yakusoku="${mode}">Book a time</a>`;
  await page.route(address, (route) => route.fulfill({ contentType: "text/html", body: html }));
  const script = page.waitForResponse(/embed\.js$/);
  await page.goto(address);
  await (await script).finished();
}

for (const mode of ["inline", "dialog"] as const) {
  test(`a site shows the page (${mode}), and hears of the booking`, daily, async ({ guest, page, stack }) => {
    await openSite(page, stack, "localhost", mode);
    const booked = page.evaluate(
      () => new Promise<string>((heard) => document.addEventListener("yakusoku:booked", (e) => heard((e as CustomEvent<{ id: string }>).detail.id))),
    );
    await guest.link("Book a time").click();
    const embedded = new Guest(page, "en", guest.email, page.frameLocator("iframe"));
    await embedded.chooseTime();
    await embedded.fillPerson();
    await embedded.answerQuestions();
    await embedded.review();
    await embedded.book();
    await embedded.seesConfirmed();
    expect(await stack.outside({ id: await booked, email: guest.email })).toMatchObject({ meetings: [{}], events: [{}], mails: [{}] });
  });
}

test("on a site that its host does not name the link leads to the page itself", async ({ guest, page, stack }) => {
  guest.expectComplaint(/frame-ancestors|Framing/);
  await openSite(page, stack, "another.localhost", "inline");
  await guest.link("Book a time").click();
  await expect(page).toHaveURL(/^http:\/\/127/);
  await expect(guest.heading(guest.m.choose.heading)).toBeVisible();
});
