// Native modules are prebuilt, one npm package for each system and processor, and npm installs those of the machine at hand.
// Says which ones an app for another one needs, and what is wrong with those that a packed app has: without the right one
// it would be made, signed and published, and not start.
import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * @typedef {import('./native-modules.d.mts').Locked} Locked
 * @typedef {import('./native-modules.d.mts').Machine} Machine
 * @typedef {import('./native-modules.d.mts').NativeFile} NativeFile
 */

const PREFIX = 'node_modules/';

/**
 * The packages of which a machine needs one each, by the dependency that loads them.
 *
 * @param {Record<string, Locked>} packages of package-lock.json
 * @returns {Map<string, string[]>}
 */
export function nativeFamilies(packages) {
  const families = new Map();
  for (const [path, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
    if (dev || path === '') continue;
    const builds = Object.keys(optionalDependencies).filter((name) => packages[PREFIX + name]?.cpu);
    if (builds.length > 0) families.set(path.slice(path.lastIndexOf(PREFIX) + PREFIX.length), builds);
  }
  return families;
}

/**
 * @param {Record<string, Locked>} packages of package-lock.json
 * @param {Machine} machine
 * @returns {{ needed: string[], problems: string[] }} names of packages; what nobody has built for that machine
 */
export function neededFor(packages, { platform, arch }) {
  const needed = [];
  const problems = [];
  for (const [family, builds] of nativeFamilies(packages)) {
    const found = builds.find((name) => {
      const { os, cpu } = packages[PREFIX + name];
      // Electron is linked against glibc.
      return os?.includes(platform) && cpu?.includes(arch) && !name.includes('musl');
    });
    if (found === undefined) problems.push(`${family} has no build for ${platform}-${arch}`);
    else needed.push(found);
  }
  return { needed: needed.sort(), problems };
}

/**
 * @param {Record<string, Locked>} packages of package-lock.json
 * @param {readonly NativeFile[]} files of the packed app
 * @param {readonly Machine[]} machines that it has to run on
 * @returns {string[]} one line for each thing that is wrong
 */
export function problemsOf(packages, files, machines) {
  const problems = [];
  const wanted = new Set();
  for (const machine of machines) {
    const { needed, problems: unbuilt } = neededFor(packages, machine);
    problems.push(...unbuilt);
    for (const name of needed) {
      wanted.add(name);
      const found = files.filter(({ path }) => path.startsWith(`${PREFIX}${name}/`));
      const label = `${machine.platform}-${machine.arch}`;
      if (found.length === 0) problems.push(`${name} is missing`);
      for (const { path, machines: of } of found)
        if (!of.includes(label))
          problems.push(`${path} is for ${of.join(' and ') || 'no machine'}, not ${label}`);
    }
  }
  for (const { path } of files)
    if (![...wanted].some((name) => path.startsWith(`${PREFIX}${name}/`)))
      problems.push(`${path} is for another machine`);
  return problems;
}

/** @returns {Record<string, Locked>} */
export function lockedPackages() {
  return JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')).packages;
}

/**
 * The native modules of a packed app, from `app.asar.unpacked`.
 *
 * @param {string} resources folder with `app.asar`
 * @returns {NativeFile[]}
 */
export function nativeFilesIn(resources) {
  const root = join(resources, 'app.asar.unpacked');
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.node'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({
      path: relative(root, path).replaceAll(sep, '/'),
      machines: machinesOf(beginning(path)),
    }));
}

function beginning(path) {
  const bytes = Buffer.alloc(4096);
  const file = openSync(path, 'r');
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}

const ELF = { 0x3e: 'x64', 0xb7: 'arm64' };
const PE = { 0x8664: 'x64', 0xaa64: 'arm64' };
const MACH = { 0x01000007: 'x64', 0x0100000c: 'arm64' };

/**
 * @param {Buffer} bytes the beginning of a native module
 * @returns {string[]} such as `linux-x64`; more than one for a universal one of macOS, none for anything else
 */
export function machinesOf(bytes) {
  const name = (platform, arch) => (arch === undefined ? [] : [`${platform}-${arch}`]);
  if (bytes.length < 64) return [];
  if (bytes.readUInt32BE(0) === 0x7f454c46) return name('linux', ELF[bytes.readUInt16LE(18)]);
  if (bytes.toString('latin1', 0, 2) === 'MZ') {
    const header = bytes.readUInt32LE(0x3c);
    if (header + 6 > bytes.length || bytes.toString('latin1', header, header + 4) !== 'PE\0\0') return [];
    return name('win32', PE[bytes.readUInt16LE(header + 4)]);
  }
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return name('darwin', MACH[bytes.readUInt32LE(4)]);
  if (bytes.readUInt32BE(0) === 0xcafebabe) {
    const count = Math.min(bytes.readUInt32BE(4), 8);
    return Array.from({ length: count }, (_, index) =>
      name('darwin', MACH[bytes.readUInt32BE(8 + index * 20)]),
    ).flat();
  }
  return [];
}
