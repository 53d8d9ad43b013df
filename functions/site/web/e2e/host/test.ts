// What every test of the console is given besides a stack: a host with a browser
// that must not complain, and others with browsers of their own.

import { type BrowserContext, expect, type Page } from "@playwright/test";
import { Guest, locales } from "../guest";
import { openedLongAgo, test as base } from "../test";
import { Host } from "./host";

export { daily, expect, expectAccessible, expectToFit, inEachLanguage } from "../test";

interface Fixtures {
  /** Somebody who has never signed in. */
  host: Host;
  /** The seeded host, with their connections and pages. */
  demo: Host;
  /** A new browser, with nothing of the others' in it. */
  fresh: () => Promise<Page>;
  /** Another who has never signed in. */
  another: Host;
  /** A guest in their own browser. */
  visitor: Guest;
}

const quiet = (who: { complaints: string[] }) => expect(who.complaints, "what the browser complained of").toEqual([]);

/** Of a test alone, and fit for a handle. */
const own = (testId: string) => testId.replace(/[^a-z0-9]/g, "").slice(-20);

export const demoEmail = "demo@yakusoku.example";

export const test = base.extend<Fixtures>({
  viewport: { width: 1280, height: 900 },

  fresh: async ({ browser, stack, language }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext({ baseURL: stack.front, locale: locales[language], timezoneId: "Asia/Tokyo" });
      contexts.push(context);
      return context.newPage();
    });
    await Promise.all(contexts.map((c) => c.close()));
  },
  host: async ({ page, language, stack }, use, { testId }) => {
    const host = new Host(page, language, `host-${testId}@example.com`, `h1-${own(testId)}`, stack.front);
    await use(host);
    quiet(host);
  },
  another: async ({ fresh, language, stack }, use, { testId }) => {
    const host = new Host(await fresh(), language, `another-${testId}@example.com`, `h2-${own(testId)}`, stack.front);
    await use(host);
    quiet(host);
  },
  demo: async ({ page, language, stack }, use) => {
    // Whose profile says Japanese; a choice of one's own goes before it.
    await page.addInitScript((l) => localStorage.getItem("yakusoku.console.language") ?? localStorage.setItem("yakusoku.console.language", l), language);
    const demo = new Host(page, language, demoEmail, "demo", stack.front);
    await use(demo);
    quiet(demo);
  },
  visitor: async ({ fresh, language, email }, use) => {
    const page = await fresh();
    await page.addInitScript(openedLongAgo);
    const visitor = new Guest(page, language, email);
    await use(visitor);
    quiet(visitor);
  },
});
