// A guest on a phone books the first open time, reads the result, and reads it
// again after a reload. Prints what the guest saw as one line of JSON.
//
//   node guest.mjs FRONT LANGUAGE GUEST_EMAIL [FOLDER_FOR_SCREENS]
import { strict as assert } from "node:assert";
import { createRequire } from "node:module";

const tools = createRequire(new URL("../../local/package.json", import.meta.url));
const { chromium } = tools("playwright-core");

const [front, language, email, folder] = process.argv.slice(2);
const words = {
  ja: {
    locale: "ja-JP", zone: "Asia/Tokyo",
    name: "お名前", email: "メールアドレス", toConfirm: "確認画面へ進む", check: "予約内容の確認",
    book: "この内容で予約する", done: "予約が完了しました",
  },
  en: {
    locale: "en-US", zone: "America/New_York",
    name: "Name", email: "Email address", toConfirm: "Review your booking", check: "Please check your booking",
    book: "Book this time", done: "You are booked",
  },
}[language];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
  ],
});
const page = await browser.newPage({
  viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, locale: words.locale, timezoneId: words.zone,
});
const complaints = [];
page.on("pageerror", (error) => complaints.push(error.message));
page.on("console", (message) => {
  if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
});

const screen = async (name) => {
  if (folder) await page.screenshot({ path: `${folder}/${language}-${name}.png`, fullPage: true });
};

try {
  await page.goto(`${front}/b/demo/intro`);
  await page.locator("table button").first().click();
  await page.locator("section.times button").first().waitFor();
  await screen("1-choose");
  await page.locator("section.times button").first().click();

  await page.getByLabel(words.name, { exact: false }).first().fill(language === "ja" ? "予約 太郎" : "Terry Booker");
  await page.getByLabel(words.email, { exact: false }).first().fill(email);
  await screen("2-details");
  await page.getByRole("button", { name: words.toConfirm }).click();

  await page.getByRole("heading", { name: words.check }).waitFor();
  await screen("3-confirm");
  await page.getByRole("button", { name: words.book }).click();

  const seen = async () => {
    await page.getByRole("heading", { name: words.done }).waitFor();
    return { heading: await page.getByRole("heading", { name: words.done }).innerText(), text: await page.locator("main").innerText() };
  };
  const result = await seen();
  await screen("4-result");
  await page.reload();
  const again = await seen();
  assert.deepEqual(complaints, [], "the browser complained");
  assert.equal(await page.locator("html").getAttribute("lang"), language);
  console.log(JSON.stringify({ url: page.url(), result: result.text, again: again.text }));
} catch (error) {
  await screen("failed");
  console.error(error, complaints, await page.locator("body").innerText());
  process.exitCode = 1;
} finally {
  await browser.close();
}
