/** What every end-to-end test is given: real apps and real servers, ended and cleaned up after it. */
import { test as base, type TestInfo } from '@playwright/test';
import { startDesktopSession, type DesktopSession } from '../helpers/desktop/desktop-session.ts';
import { saveScreenshot } from '../helpers/desktop/x11.ts';
import { MagpieProcess, type LaunchOptions } from '../helpers/magpie-process.ts';
import { ServerProcess } from '../helpers/server-process.ts';
import { electronPathVariable } from './global-setup.ts';

export { expect } from '@playwright/test';
export type { MagpieProcess, LaunchOptions, ServerProcess, DesktopSession };

export interface TestFixtures {
  /** Starts the app, each time with a new profile unless one is given. */
  launchMagpie: (options?: LaunchOptions) => Promise<MagpieProcess>;
  /** Starts a server with new data on a free port. */
  startServer: () => Promise<ServerProcess>;
}

interface WorkerFixtures {
  desktop: DesktopSession;
  /** Servers that nobody has used; while a test has one, the next one starts. */
  freshServers: { take(): Promise<ServerProcess> };
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  desktop: [
    async ({}, use) => {
      const desktop = await startDesktopSession();
      await use(desktop);
      await desktop.stop();
    },
    { scope: 'worker' },
  ],
  freshServers: [
    async ({}, use) => {
      let next = ServerProcess.start();
      const take = () => {
        const server = next;
        next = server.then(() => ServerProcess.start());
        // Told to whoever takes it.
        next.catch(() => undefined);
        return server;
      };
      next.catch(() => undefined);
      await use({ take });
      await next.then((server) => server.dispose()).catch(() => undefined);
    },
    { scope: 'worker' },
  ],

  launchMagpie: async ({ desktop }, use, testInfo) => {
    const electronPath = process.env[electronPathVariable];
    if (!electronPath)
      throw new Error(`${electronPathVariable} is not set: run the tests through Playwright`);
    const apps: MagpieProcess[] = [];
    await use(async (options) => {
      const magpie = await MagpieProcess.launch(electronPath, desktop, options);
      apps.push(magpie);
      return magpie;
    });
    if (testInfo.status !== testInfo.expectedStatus) await attachEvidence(testInfo, apps, desktop);
    // An app that refuses to quit is a fault of its own, but all the others must end as well.
    const endings = await Promise.allSettled(apps.map((magpie) => magpie.dispose()));
    for (const ending of endings) if (ending.status === 'rejected') throw ending.reason;
  },
  startServer: async ({ freshServers }, use, testInfo) => {
    const servers: ServerProcess[] = [];
    await use(async () => {
      const server = await freshServers.take();
      servers.push(server);
      return server;
    });
    for (const [index, server] of servers.entries()) {
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach(`server-${index + 1}.log`, {
          body: server.output(),
          contentType: 'text/plain',
        });
      }
      await server.dispose();
    }
  },
});

/** What one needs to understand a failure without running the test again. */
async function attachEvidence(
  testInfo: TestInfo,
  apps: MagpieProcess[],
  desktop: DesktopSession,
): Promise<void> {
  if (desktop.virtual) {
    const path = testInfo.outputPath('desktop.png');
    await saveScreenshot(desktop.env, path).catch(() => undefined);
    await testInfo.attach('desktop.png', { path }).catch(() => undefined);
  }
  for (const [index, magpie] of apps.entries()) {
    const name = `app-${index + 1}`;
    const log = [...magpie.problems(), '--- stderr of the main process', magpie.stderr()].join('\n');
    await testInfo.attach(`${name}.log`, { body: log, contentType: 'text/plain' });
    if (magpie.hasEnded()) continue;
    const path = testInfo.outputPath(`${name}.png`);
    // A stuck page must not keep the other evidence from being saved.
    const taken = await magpie.page.screenshot({ path, timeout: 5_000 }).catch(() => undefined);
    if (taken) await testInfo.attach(`${name}.png`, { path });
  }
}
