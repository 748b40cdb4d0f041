import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import tailwindcss from '@tailwindcss/vite';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

const at = (path: string) => resolve(import.meta.dirname, path);

/** While developing, Vite puts styles into the page itself, which the strict policy of the built page forbids. */
const relaxedStylesInDevelopment: Plugin = {
  name: 'magpie:relaxed-styles-in-development',
  apply: 'serve',
  transformIndexHtml: (html) => html.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
};

const serverEntry = at('server/utility.ts');

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: 'node20.18',
      // The dependencies stay in node_modules: native ones cannot be bundled, the others need not be.
      // This one is bundled with what it brings: it requires a package that is ESM only, which Node 20.18 cannot do.
      externalizeDeps: { exclude: ['@fastify/static'] },
      rollupOptions: {
        input: {
          index: at('electron/main/index.ts'),
          'history-worker': at('electron/main/history/worker.ts'),
          ...(existsSync(serverEntry) ? { server: serverEntry } : {}),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      target: 'node20.18',
      // A sandboxed preload can load nothing but one CommonJS file.
      externalizeDeps: false,
      rollupOptions: {
        input: { index: at('electron/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  },
  renderer: {
    root: at('src'),
    plugins: [vue(), tailwindcss(), relaxedStylesInDevelopment],
    build: {
      outDir: at('out/renderer'),
      emptyOutDir: true,
      target: 'chrome130',
      rollupOptions: { input: at('src/index.html') },
    },
  },
});
