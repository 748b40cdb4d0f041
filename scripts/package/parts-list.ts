import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../lib/paths.ts';

/** An entry of package-lock.json, as far as it is read here. */
interface LockedPackage {
  version?: string;
  integrity?: string;
  license?: string;
  /** Only tools that build or test need it. */
  dev?: boolean;
  link?: boolean;
}

/**
 * Writes what the packages consist of (SBOM, CycloneDX 1.5) as `magpie-VERSION.cdx.json`: the dependencies as the
 * lockfile pins them, without those that only build, and Electron, which is shipped though npm takes it for one of those.
 *
 * Made from the lockfile because `npm sbom` leaves out what is a dependency of both kinds, such as ws.
 */
export async function writePartsList(folder: string, electronVersion: string): Promise<void> {
  const { version, packages } = JSON.parse(
    await readFile(join(repositoryRoot, 'package-lock.json'), 'utf8'),
  ) as { version: string; packages: Record<string, LockedPackage> };
  const parts = { ...shippedParts(packages), electron: { name: 'electron', version: electronVersion } };
  const list = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'application', name: 'magpie', version, 'bom-ref': `magpie@${version}` } },
    components: Object.values(parts).map(describe),
  };
  await writeFile(join(folder, `magpie-${version}.cdx.json`), `${JSON.stringify(list, null, 2)}\n`);
}

interface Part {
  name: string;
  version: string;
  integrity?: string;
  license?: string;
}

/** Every package that is installed without the development ones, once per version. */
export function shippedParts(packages: Record<string, LockedPackage>): Record<string, Part> {
  const parts: Record<string, Part> = {};
  for (const [path, { version, integrity, license, dev, link }] of Object.entries(packages)) {
    // The empty path is the project itself.
    if (path === '' || dev || link || version === undefined) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    parts[`${name}@${version}`] = { name, version, integrity, license };
  }
  return parts;
}

function describe({ name, version, integrity, license }: Part): object {
  const [algorithm, hash] = integrity?.split('-') ?? [];
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return {
    type: name === 'electron' ? 'framework' : 'library',
    name,
    version,
    'bom-ref': purl,
    purl,
    ...(algorithm === 'sha512' && hash
      ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(hash, 'base64').toString('hex') }] }
      : {}),
    ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
  };
}
