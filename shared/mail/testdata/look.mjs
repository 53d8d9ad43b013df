// Looks at mails in a browser and prints what is wrong with them, as a JSON list.
// Takes {Letters: [{Name, Language, HTML}], Paper: {light, dark}, Screens} on
// stdin; into the folder Screens, if named, goes a picture of each.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { json } from "node:stream/consumers";

const tools = createRequire(new URL("../../../functions/site/web/package.json", import.meta.url));
const { chromium } = tools("@playwright/test");
const axe = tools("axe-core");

// Landmarks and the like are asked of pages: a mail is an article in one.
const rules = { runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }, resultTypes: ["violations"] };

const { Letters: letters, Paper: paper, Screens: folder } = await json(process.stdin);
if (folder) mkdirSync(folder, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const faults = [];
try {
  const page = await (await browser.newContext()).newPage();
  let fault;
  await page.route("**/*", (route) => {
    fault(`loads ${route.request().url()}`);
    return route.abort();
  });
  for (const { Name: name, Language: language, HTML: html } of letters) {
    fault = (what) => faults.push(`${name}: ${what}`);
    await page.setContent(html);
    await page.evaluate(axe.source);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const width of [320, 700]) {
        fault = (what) => faults.push(`${name}, ${colorScheme}, ${width} pixels wide: ${what}`);
        await page.setViewportSize({ width, height: 800 });
        const seen = await page.evaluate(look);
        if (seen.over !== 0) fault(`${seen.over} pixels to scroll sideways`);
        if (seen.language !== language) fault(`what is within the body says that it is in ${seen.language}, not ${language}`);
        if (seen.paper !== rgb(paper[colorScheme])) fault(`is on ${seen.paper}, not ${paper[colorScheme]}`);
        const { violations } = await page.evaluate((asked) => globalThis.axe.run(asked), rules);
        for (const { id, nodes } of violations) fault(`${id}: ${nodes.map((n) => `${n.html}\n${n.failureSummary}`).join("\n")}`);
        if (folder) await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png`, fullPage: true });
      }
    }
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(faults));

/** Runs in the page. */
function look() {
  const { scrollWidth, clientWidth } = document.documentElement;
  return {
    over: scrollWidth - clientWidth,
    language: document.querySelector("h1")?.closest("body [lang]")?.getAttribute("lang"),
    paper: getComputedStyle(document.body).backgroundColor,
  };
}

/** A colour as browsers state it. */
function rgb(hex) {
  return `rgb(${[1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(", ")})`;
}
