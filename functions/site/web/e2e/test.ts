// What every test is given: a running stack, and a guest with a browser that
// must not complain.

import { expect, type Page, test as base } from "@playwright/test";
import axe, { type RunOnly } from "axe-core";
import { catalogues, type Language } from "../src/messages";
import { Guest, locales } from "./guest";
import { Stack } from "./stack";

declare global {
  interface Window {
    axe: typeof axe; // once it is put there
  }
}

interface Fixtures {
  language: Language;
  email: string; // the guest's, that nobody else has
  guest: Guest;
  ownStack: boolean; // for what no later test could bear
  stack: Stack;
}

export const test = base.extend<Fixtures, { running: Stack }>({
  language: ["en", { option: true }],
  locale: ({ language }, use) => use(locales[language]),
  timezoneId: ({ language }, use) => use({ ja: "Asia/Tokyo", en: "America/New_York" }[language]),
  viewport: { width: 390, height: 844 },

  running: [
    async ({}, use) => {
      const stack = await Stack.start();
      await use(stack);
      await stack.stop();
    },
    { scope: "worker" },
  ],
  ownStack: [false, { option: true }],
  stack: async ({ running, ownStack }, use) => {
    const stack = ownStack ? await Stack.start() : running;
    await use(stack);
    await (ownStack ? stack.stop() : stack.mend());
  },
  baseURL: ({ stack }, use) => use(stack.front),

  email: [async ({}, use, { testId }) => use(`guest-${testId}@example.com`), { option: true }],
  guest: async ({ page, language, email }, use) => {
    await page.addInitScript(openedLongAgo);
    const guest = new Guest(page, language, email);
    await use(guest);
    expect(guest.complaints, "what the browser complained of").toEqual([]);
  },
});

export { expect };

/** What `make test` runs, in Japanese: one way through everything. `make test-all` runs all, in each language. */
export const daily = { tag: "@daily" };

/** Tests type faster than people, whom the page and the server tell from robots by the time since it was opened. */
export function openedLongAgo(): void {
  const now = performance.now.bind(performance);
  performance.now = () => now() + 60_000;
}

/** Declares tests in each language. */
export function inEachLanguage(declare: (language: Language) => void): void {
  for (const language of Object.keys(catalogues) as Language[]) {
    test.describe(language, () => {
      test.use({ language });
      declare(language);
    });
  }
}

const rules: Record<"light" | "dark", RunOnly> = {
  light: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
  dark: { type: "rule", values: ["color-contrast"] },
};

/** Expects that axe finds nothing: in the light all that it knows, in the dark what colours decide. */
export async function expectAccessible(page: Page, scheme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  const { violations, incomplete } = await page.evaluate((runOnly) => window.axe.run({ runOnly, resultTypes: ["violations", "incomplete"] }), rules[scheme]);
  // Text in the very colour of its ground might be meant to be hidden, as axe has it. Ours never is.
  const unseen = incomplete.filter(({ id }) => id === "color-contrast").map((r) => ({ ...r, nodes: r.nodes.filter((n) => n.any.some(({ data }) => data?.messageKey === "equalRatio")) }));
  const found = [...violations, ...unseen.filter(({ nodes }) => nodes.length > 0)].map(({ id, nodes }) => `${id}: ${nodes.map((n) => `${n.html}\n${n.failureSummary}`).join("\n")}`);
  expect(found, "what axe found").toEqual([]);
}

export async function expectToFit(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over, "pixels to scroll sideways").toBe(0);
}
