// `npm run package`: installers of this system for release. `npm run package:linux`: the Linux ones for trying out, on a
// machine that may reach nothing but the npm registry and Debian's packages. Both leave checksums and a parts list (SBOM)
// beside them in dist/. What follows `--` goes to electron-builder.
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { provideElectron, type ProvidedElectron } from './electron/provide-electron.ts';
import { buildIfNeeded } from './lib/build-app.ts';
import { ActionableError, runScript } from './lib/fatal.ts';
import { repositoryRoot } from './lib/paths.ts';
import { nodeProgram, runChild } from './lib/run-child.ts';
import { writeChecksums } from './package/checksums.ts';
import { bringForeignModules } from './package/foreign-modules.ts';
import { offlineTools } from './package/offline-tools.ts';
import { refuseOutOfSupport } from './package/supported-electron.ts';
import { writePartsList } from './package/parts-list.ts';
import { publicHalf, signMetadata, updateKey } from './package/signature.ts';

const dist = join(repositoryRoot, 'dist');
const builderProgram = join(repositoryRoot, 'node_modules/electron-builder/cli.js');
const configuration = join(repositoryRoot, 'packaging/electron-builder.config.mjs');

await runScript(async () => {
  const [purpose, ...args] = process.argv.slice(2);
  if (purpose !== 'release' && purpose !== 'trial') throw new ActionableError('say `release` or `trial`');
  if (purpose === 'trial' && process.platform !== 'linux')
    throw new ActionableError('trial packages are made on Linux; use `npm run package` here');

  const key = updateKey();
  const electron = await provideElectron();
  if (purpose === 'release') await refuseOutOfSupport(electron);
  // One app runs on both kinds of Mac.
  if (process.platform === 'darwin')
    await bringForeignModules(['x64', 'arm64'].map((arch) => ({ platform: 'darwin', arch })));
  await buildIfNeeded();
  await rm(dist, { recursive: true, force: true });

  const env = {
    ...process.env,
    ...(purpose === 'trial' ? await trialEnvironment(electron) : {}),
    // Apps of this release take only what is signed with this key.
    ...(key === null ? {} : { MAGPIE_UPDATE_PUBLIC_KEY: publicHalf(key) }),
    // Without certificates in the environment nothing is searched for in a keychain.
    ...(process.env.CSC_LINK ? {} : { CSC_IDENTITY_AUTO_DISCOVERY: 'false' }),
  };
  const [node, program] = nodeProgram(builderProgram);
  const code = await runChild(
    node,
    [
      ...program,
      '--config',
      configuration,
      '--publish',
      'never',
      ...(purpose === 'trial' ? ['--linux'] : []),
      ...args,
    ],
    { cwd: repositoryRoot, env },
  );
  if (code !== 0) throw new ActionableError('electron-builder failed; see above');
  if (key !== null) await signMetadata(dist, key);
  await writePartsList(dist, electron.version);
  await writeChecksums(dist);
  console.log(`The packages are in ${dist}`);
  return 0;
});

/** Around the Electron at hand and with the tools at hand; the file names say that it is no release. */
async function trialEnvironment(electron: ProvidedElectron): Promise<NodeJS.ProcessEnv> {
  return {
    ...(await offlineTools()),
    MAGPIE_ELECTRON_DIST: dirname(electron.executablePath),
    MAGPIE_ELECTRON_VERSION: electron.version,
    MAGPIE_PACKAGE_LABEL: '-trial',
  };
}
