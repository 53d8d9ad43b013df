import { defineConfig } from "vite";
import { budget, compressed } from "./vite.config";

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
  // Sites load the script on every page of theirs.
  plugins: [compressed(/^embed\.js$/), budget(/^embed\.js$/, 3071)],
});
