import { resolve } from 'node:path';
import { defineConfig } from 'vite';

/** The server alone, for machines without the app: one program, with its libraries beside it in `node_modules`. */
export default defineConfig({
  build: {
    ssr: resolve(import.meta.dirname, 'server/main.ts'),
    outDir: resolve(import.meta.dirname, 'out/server'),
    target: 'node20.18',
    // What stands in a stack trace is what stands in the source.
    minify: false,
  },
});
