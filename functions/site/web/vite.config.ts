import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

// shared/site reads the manifest to find the hashed names, and serves each
// asset's .br or .gz where the browser takes it.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000, // the API's documentation; no guest loads it
    rollupOptions: { input: { guest: "src/main.tsx", docs: "src/docs.ts" } },
  },
  plugins: [compressed(/^assets\/.*\.(js|css|svg)$/)],
});

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

/** Writes a .br and a .gz beside each file whose name matches; one that has its limit of gzipped bytes, or more, fails the build. */
export function compressed(names: RegExp, limit = Infinity): Plugin {
  return {
    name: "compressed",
    apply: "build",
    async writeBundle({ dir }, bundle) {
      const assets = Object.values(bundle).filter(({ fileName }) => names.test(fileName));
      await Promise.all(
        assets.flatMap((asset) => {
          const content = Buffer.from(asset.type === "chunk" ? asset.code : asset.source);
          const path = join(dir ?? "dist", asset.fileName);
          return [
            brotli(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }).then((b) => writeFile(`${path}.br`, b)),
            gzipped(content, { level: 9 }).then((b) => {
              if (b.length >= limit) this.error(`${asset.fileName} is ${b.length} bytes gzipped; it must stay under ${limit}`);
              return writeFile(`${path}.gz`, b);
            }),
          ];
        }),
      );
    },
  };
}
