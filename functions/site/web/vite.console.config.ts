import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";
import { budget, compressed } from "./vite.config";

const manifest = "console.manifest.json";

// The hosts' console is built apart, into the same dist/: shared chunks would be
// one more thing for guests to wait for.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    manifest,
    emptyOutDir: false,
    copyPublicDir: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { console: "src/console/main.tsx" },
      output: {
        entryFileNames: "assets/console-[hash].js",
        chunkFileNames: "assets/console-[name]-[hash].js",
        assetFileNames: "assets/console-[name]-[hash][extname]",
      },
    },
  },
  plugins: [compressed(/^assets\/console-.*\.(js|css)$/), budget(/^assets\/console-.*\.(js|css)$/, 120 * 1024), oneManifest()],
});

/** Adds what this build says to the manifest of the first: shared/site reads one. */
function oneManifest(): Plugin {
  return {
    name: "one-manifest",
    apply: "build",
    enforce: "post",
    async writeBundle({ dir = "dist" }) {
      const read = async (name: string) => JSON.parse(await readFile(join(dir, name), "utf8")) as Record<string, unknown>;
      const all = { ...(await read("manifest.json")), ...(await read(manifest)) };
      await writeFile(join(dir, "manifest.json"), JSON.stringify(all, null, 2));
      await rm(join(dir, manifest));
    },
  };
}
