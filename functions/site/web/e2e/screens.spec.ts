import { screens } from "./screens";
import { daily, expectAccessible, expectToFit, inEachLanguage, test } from "./test";

/** Those that most people see. */
const seen = ["choose", "details", "confirm", "result"];

inEachLanguage(() => {
  for (const [name, reach] of Object.entries(screens)) {
    test(`${name} fits the smallest phone, and axe finds nothing in it`, seen.includes(name) ? daily : {}, async ({ guest, page, stack }) => {
      await page.setViewportSize({ width: 320, height: 640 });
      await reach(guest, stack);
      await expectToFit(page);
      await expectAccessible(page, "light");
      await expectAccessible(page, "dark");
    });
  }
});
