import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import tailwindcss from '@tailwindcss/vite';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import { META_POLICY } from './electron/main/app/content-policy.ts';

const at = (path: string) => resolve(import.meta.dirname, path);

/** Puts the policy into the page. While developing, Vite puts styles there too, which the strict one forbids. */
const contentPolicy: Plugin = {
  name: 'magpie:content-policy',
  transformIndexHtml: (_html, { server }) => [
    {
      tag: 'meta',
      attrs: {
        'http-equiv': 'Content-Security-Policy',
        content:
          server === undefined
            ? META_POLICY
            : META_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
      },
      injectTo: 'head-prepend',
    },
  ],
};

const serverEntry = at('server/utility.ts');

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: 'node20.18',
      // Native dependencies stay in node_modules, and so does what only the server uses. What every start needs is bundled:
      // reading some hundred small files would take longer than everything else before the window. The first one also
      // has to be: it requires a package that is ESM only, which Node 20.18 cannot do.
      externalizeDeps: {
        exclude: ['@fastify/static', 'agent-base', 'electron-store', 'socks', 'undici', 'uuid', 'ws', 'zod'],
      },
      rollupOptions: {
        input: {
          index: at('electron/main/index.ts'),
          'history-worker': at('electron/main/history/worker.ts'),
          ...(existsSync(serverEntry) ? { server: serverEntry } : {}),
        },
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          // Half as much to read and to compile before the window. Names stay, so that a stack in a log or a report still speaks.
          minify: { compress: true, mangle: false, codegen: true },
        },
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
    plugins: [vue(), tailwindcss(), contentPolicy],
    build: {
      outDir: at('out/renderer'),
      emptyOutDir: true,
      target: 'chrome130',
      // Less to read and to compile before the first frame.
      minify: true,
      rollupOptions: { input: at('src/index.html') },
    },
  },
});
