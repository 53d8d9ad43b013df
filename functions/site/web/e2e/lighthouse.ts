// Measures the booking page as Lighthouse does, on its phone: three runs, the
// median. Scores move with the machine's load, so this is no test.

import { spawnSync } from "node:child_process";
import { test } from "./test";

interface Report {
  environment: { benchmarkIndex: number };
  categories: Record<"performance" | "accessibility" | "best-practices", { score: number }>;
  audits: Record<"total-byte-weight", { numericValue: number }>;
}

const flags = ["new", "no-sandbox", "disable-gpu", "disable-quic", "disable-background-networking", "disable-component-update", "disable-sync"];

function measure(url: string): Report {
  const args = ["--yes", "lighthouse@13.5.0", url, "--quiet", "--output=json", `--chrome-flags=--headless=${flags.join(" --")}`];
  const env = { ...process.env, CHROME_PATH: process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell" };
  const { stdout, stderr, status } = spawnSync("npx", args, { env, encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`lighthouse ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Report;
}

test("Lighthouse's figures", async ({ stack }) => {
  test.setTimeout(300_000);
  const reports = [1, 2, 3].map(() => measure(`${stack.front}/b/demo/intro`));
  const median = (of: (r: Report) => number) => reports.map(of).sort((a, b) => a - b)[1] ?? 0;
  const lines = (["performance", "accessibility", "best-practices"] as const).map((name) => `${name} ${Math.round(100 * median((r) => r.categories[name].score))}`);
  lines.push(`all bytes ${(median((r) => r.audits["total-byte-weight"].numericValue) / 1024).toFixed(1)} KB`);
  lines.push(`the machine's own index ${median((r) => r.environment.benchmarkIndex)}`);
  console.log(lines.join("\n"));
});
