// Removes what stock Electron brings and an app must not (its own default app, and the version mark of the runtime), and
// refuses an app whose native modules are not those of the machine that it is for.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Arch } from 'electron-builder';
import { lockedPackages, nativeFilesIn, problemsOf } from './native-modules.mjs';

/** @param {import('electron-builder').AfterPackContext} context */
export default function afterPack({ appOutDir, arch, electronPlatformName: platform, packager }) {
  const resources = packager.getResourcesDir(appOutDir);
  rmSync(join(resources, 'default_app.asar'), { force: true });
  for (const mark of ['version', 'magpie-runtime.json']) rmSync(join(appOutDir, mark), { force: true });

  // One app for both, which is put together of two: each of them holds the modules of both.
  const archs = platform === 'darwin' ? ['x64', 'arm64'] : [Arch[arch]];
  const machines = archs.map((one) => ({ platform, arch: one }));
  const problems = problemsOf(lockedPackages(), nativeFilesIn(resources), machines);
  if (problems.length > 0) throw new Error(`Native modules of this package:\n${problems.join('\n')}`);
}
