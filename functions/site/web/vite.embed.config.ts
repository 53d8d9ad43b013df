import { defineConfig } from "vite";
import { compressed } from "./vite.config";

const mostGzipped = 3072; // bytes: sites load the script on every page of theirs

// The script for other sites is a classic one under a name that never changes, so
// it is built apart, into the same dist/.
export default defineConfig({
  build: {
    target: "es2020",
    emptyOutDir: false,
    copyPublicDir: false,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: "src/embed/embed.ts",
      output: { format: "iife", entryFileNames: "embed.js" },
    },
  },
  plugins: [compressed(/^embed\.js$/, mostGzipped)],
});
