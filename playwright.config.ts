import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results/e2e',
  globalSetup: './tests/e2e/global-setup.ts',
  // Each test starts real apps and servers: more than one at a time makes them slow, and slow looks like broken.
  workers: 1,
  // Limits for machines that do three things at once; what is right does not wait for them.
  timeout: 420_000,
  expect: { timeout: 30_000 },
  // A test that passes only on its second try hides a fault.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: [
    ['list'],
    ['json', { outputFile: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ?? 'test-results/e2e.json' }],
  ],
});
