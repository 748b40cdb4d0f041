import vue from '@vitejs/plugin-vue';
import { configDefaults, defineConfig } from 'vitest/config';

/**
 * How long a test waits for what it waits for, milliseconds. It costs nothing where things go well, and says nothing about speed: a busy
 * machine may take seconds for what takes none.
 */
const waiting = (timeout: number) => ({ testTimeout: timeout, expect: { poll: { timeout: timeout / 4 } } });

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [vue()],
        test: {
          name: 'unit',
          include: ['{protocol,electron,src,server,scripts}/**/*.test.ts'],
          exclude: configDefaults.exclude,
          // A test that needs a document asks for one: `// @vitest-environment happy-dom` as its first line.
          environment: 'node',
          ...waiting(20_000),
        },
      },
      {
        plugins: [vue()],
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          // Real servers, processes and files: slower, and on a busy machine slower still.
          ...waiting(60_000),
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['tests/faults/**/*.test.ts'],
          ...waiting(60_000),
          // Side by side they would take each other's time to settle.
          fileParallelism: false,
        },
      },
    ],
  },
});
