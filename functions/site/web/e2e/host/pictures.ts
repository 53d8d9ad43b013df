// The console's part of `make screens`.

import { screens } from "./screens";
import { inEachLanguage, test } from "./test";

const folder = "../../../.local/screens";
const devices = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };

test.use({ timezoneId: "Asia/Tokyo" });

inEachLanguage((language) => {
  for (const [name, reach] of Object.entries(screens)) {
    test(name, async ({ host, demo, page, stack }) => {
      await reach({ host, demo, stack });
      for (const [device, size] of Object.entries(devices)) {
        await page.setViewportSize(size);
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          await page.screenshot({ path: `${folder}/${name}-${language}-${colorScheme}-${device}.png`, fullPage: true, animations: "disabled" });
        }
      }
    });
  }
});
