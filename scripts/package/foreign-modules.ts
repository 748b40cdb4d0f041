import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { lockedPackages, neededFor, type Locked, type Machine } from '../../packaging/native-modules.mjs';
import { ActionableError } from '../lib/fatal.ts';
import { repositoryRoot } from '../lib/paths.ts';

const run = promisify(execFile);

/**
 * Brings the native modules of other processors, which npm does not install here, beside those of this one: the very
 * files that package-lock.json names.
 *
 * @returns names of the packages that came
 * @throws {ActionableError} when a module is not built for a machine, cannot be had, or is not what the lockfile says
 */
export async function bringForeignModules(
  machines: readonly Machine[],
  { root = repositoryRoot, packages = lockedPackages(), fetchPackage = npmPack } = {},
): Promise<string[]> {
  const brought: string[] = [];
  for (const machine of machines) {
    const { needed, problems } = neededFor(packages, machine);
    if (problems[0] !== undefined) throw new ActionableError(problems.join('\n'));
    for (const name of needed) {
      const target = join(root, 'node_modules', name);
      const locked = packages[`node_modules/${name}`];
      if (locked === undefined || (await isThere(target, locked))) continue;
      await bring(name, locked, target, fetchPackage);
      brought.push(name);
    }
  }
  return brought;
}

async function isThere(target: string, { version }: Locked): Promise<boolean> {
  if (!existsSync(join(target, 'package.json'))) return false;
  const { version: found } = JSON.parse(await readFile(join(target, 'package.json'), 'utf8')) as Locked;
  return found === version;
}

async function bring(
  name: string,
  { version, integrity }: Locked,
  target: string,
  fetchPackage: typeof npmPack,
): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'magpie-module-'));
  try {
    const archive = await fetchPackage(`${name}@${version}`, work);
    const sum = createHash('sha512')
      .update(await readFile(archive))
      .digest('base64');
    if (integrity !== `sha512-${sum}`)
      throw new ActionableError(`${name}@${version} is not what package-lock.json says: sha512-${sum}`);
    // Beside its place, so that it gets its name as a whole.
    const unpacked = join(dirname(target), `.${version}-incoming`);
    await rm(unpacked, { recursive: true, force: true });
    await mkdir(unpacked, { recursive: true });
    await run('tar', ['-xzf', archive, '-C', unpacked, '--strip-components', '1']);
    await rm(target, { recursive: true, force: true });
    await rename(unpacked, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** @returns the path of the archive */
async function npmPack(spec: string, folder: string): Promise<string> {
  const own = process.env.npm_execpath;
  const [command, first] = own === undefined ? ['npm', []] : [process.execPath, [own]];
  await run(command, [...first, 'pack', spec, '--pack-destination', folder], { cwd: folder });
  const [file] = await readdir(folder);
  if (file === undefined) throw new ActionableError(`npm gave no archive of ${spec}`);
  return join(folder, file);
}
