// Removes what stock Electron brings and an app must not: its own default app, and the version mark of the runtime.
import { rmSync } from 'node:fs';
import { join } from 'node:path';

/** @param {import('electron-builder').AfterPackContext} context */
export default function afterPack({ appOutDir, packager }) {
  rmSync(join(packager.getResourcesDir(appOutDir), 'default_app.asar'), { force: true });
  for (const mark of ['version', 'magpie-runtime.json']) rmSync(join(appOutDir, mark), { force: true });
}
