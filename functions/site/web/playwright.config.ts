import { defineConfig } from "@playwright/test";

// The guest's pages in a real browser, against what `make run` starts. Each
// worker has a stack of its own (e2e/stack.ts), so what a test books or breaks
// meets no other test.
export default defineConfig({
  testDir: "e2e",
  outputDir: "../../../.build/e2e",
  reporter: process.env.CI ? "dot" : "line",
  fullyParallel: true,
  workers: 3, // on two cores: a third of the time is waiting
  forbidOnly: true,
  retries: 1, // what fails once is told as flaky, and is to be mended; twice is a failure
  timeout: 60_000,
  expect: { timeout: 20_000 }, // patience, not a measure of speed
  use: {
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
    screenshot: "only-on-failure",
  },
  projects: [
    { name: "tests", testMatch: "*.spec.ts" },
    { name: "screens", testMatch: "pictures.ts" },
    { name: "lighthouse", testMatch: "lighthouse.ts" },
  ],
});
