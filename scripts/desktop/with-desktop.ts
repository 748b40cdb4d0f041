import { ensurePackages } from './apt.ts';
import { hasDisplay } from './display.ts';
import type { PackageSet } from './packages.ts';
import { startVirtualDesktop } from './virtual-desktop.ts';

/** Where programs will appear. */
export interface Desktop {
  env: NodeJS.ProcessEnv;
  /** Nobody sees it: the display was started for this run. */
  virtual: boolean;
}

/**
 * Runs `work` with a desktop to show windows on: the session's own if there is one, and otherwise a virtual one, for
 * which missing Debian packages are installed and which ends with `work`.
 *
 * @throws {ActionableError} when there is no display and none can be started
 */
export async function withDesktop<Result>(
  packages: PackageSet,
  work: (desktop: Desktop) => Promise<Result>,
): Promise<Result> {
  if (await hasDisplay()) return work({ env: process.env, virtual: false });
  await ensurePackages(packages);
  const desktop = await startVirtualDesktop();
  try {
    return await work({ env: desktop.env, virtual: true });
  } finally {
    await desktop.stop();
  }
}
