import { screens } from "./screens";
import { daily, expectAccessible, expectToFit, inEachLanguage, test } from "./test";

/** Those that most people see. */
const seen = ["console-home", "console-pages", "console-integrations"];

inEachLanguage(() => {
  for (const [name, reach] of Object.entries(screens)) {
    test(`${name} fits the smallest phone, and axe finds nothing in it`, seen.includes(name) ? daily : {}, async ({ host, demo, stack, page }) => {
      await reach({ host, demo, stack });
      await expectAccessible(page, "light");
      await page.setViewportSize({ width: 320, height: 640 });
      await expectToFit(page);
      await expectAccessible(page, "dark");
    });
  }
});
