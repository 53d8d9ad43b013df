import { promisify } from "node:util";
import { brotliCompress, constants, gzip, gzipSync } from "node:zlib";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defineConfig, type Plugin, type Rollup } from "vite";

// shared/site reads the manifest to find the hashed names, and serves each
// asset's .br or .gz where the browser takes it.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: false, // a chunk that is loaded later loads no other
    chunkSizeWarningLimit: 2000, // the API's documentation; no guest loads it
    rollupOptions: { input: { guest: "src/main.tsx", docs: "src/docs.ts" } },
  },
  plugins: [
    compressed(/^assets\/.*\.(js|css|svg)$/),
    budget(/^assets\/guest-.*\.(js|css)$/, 30 * 1024),
    budget(/^assets\/(?!guest-|docs-).*\.(js|css)$/, 8 * 1024), // what guests load later, whatever its name
  ],
});

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

type Built = Rollup.OutputBundle[string];

const contentOf = (file: Built) => Buffer.from(file.type === "chunk" ? file.code : file.source);

/** Fails the build where the files whose names match are more than so many bytes together, gzipped. */
export function budget(names: RegExp, most: number): Plugin {
  return {
    name: "budget",
    apply: "build",
    generateBundle(_, bundle) {
      const files = Object.values(bundle).filter(({ fileName }) => names.test(fileName));
      const bytes = files.reduce((sum, file) => sum + gzipSync(contentOf(file), { level: 9 }).length, 0);
      if (bytes > most) this.error(`${files.map((f) => f.fileName).join(" and ")}: ${bytes} bytes gzipped, of ${most} at most`);
      this.info(`${bytes} of ${most} bytes gzipped`);
    },
  };
}

/** Writes a .br and a .gz beside each file whose name matches. */
export function compressed(names: RegExp): Plugin {
  return {
    name: "compressed",
    apply: "build",
    async writeBundle({ dir }, bundle) {
      const assets = Object.values(bundle).filter(({ fileName }) => names.test(fileName));
      await Promise.all(
        assets.flatMap((asset) => {
          const content = contentOf(asset);
          const path = join(dir ?? "dist", asset.fileName);
          return [
            brotli(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }).then((b) => writeFile(`${path}.br`, b)),
            gzipped(content, { level: 9 }).then((b) => writeFile(`${path}.gz`, b)),
          ];
        }),
      );
    },
  };
}
