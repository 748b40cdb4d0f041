#!/usr/bin/env node
// Stands in for fpm where its download cannot be had: takes the arguments that electron-builder gives it and makes a deb
// with Debian's dpkg-deb or an rpm with rpmbuild. Released packages are made with the real one.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, readdirSync, statSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';

const repeated = new Set(['-d', '--deb-recommends', '--directories']);
const flags = new Set(['--force', '--debug']);
const ignored = new Set([
  '--vendor',
  '--deb-compression',
  '--rpm-compression',
  '--log',
  '--rpm-os',
  '--rpm-digest',
]);

/** @param {string[]} argv */
function parse(argv) {
  const options = { '-d': [], '--deb-recommends': [], '--directories': [] };
  const sources = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index];
    if (!word.startsWith('-')) {
      // `from=to`; a path may hold an equals sign, what it becomes does not.
      const cut = word.lastIndexOf('=');
      sources.push({ from: word.slice(0, cut), to: word.slice(cut + 1) });
    } else if (flags.has(word)) continue;
    else if (repeated.has(word)) options[word].push(argv[++index]);
    else options[word] = argv[++index];
  }
  return { options, sources };
}

async function stage(root, sources) {
  for (const { from, to } of sources) {
    const target = join(root, to);
    await mkdir(dirname(target), { recursive: true });
    await cp(from, target, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
  execFileSync('chmod', ['-R', 'go-w,a+rX', root]);
}

const listFiles = (root) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();

/** A folder and all below it. */
const listFolders = (root, folder) => [
  relative('/', folder),
  ...readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
];

async function md5(path) {
  const hash = createHash('md5');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function makeDeb(root, options) {
  const files = listFiles(root);
  const kilobytes = Math.ceil(files.reduce((sum, file) => sum + statSync(join(root, file)).size, 0) / 1024);
  const sums = [];
  for (const file of files) sums.push(`${await md5(join(root, file))}  ${file}\n`);
  const [summary, ...rest] = options['--description'].split('\n').map((line) => line.trim());
  const control = {
    Package: options['--name'],
    Version: options['--version'],
    License: options['--license'],
    Architecture: options['--architecture'],
    Maintainer: options['--maintainer'],
    'Installed-Size': String(kilobytes),
    Depends: options['-d'].join(', '),
    Recommends: options['--deb-recommends'].join(', '),
    Section: options['--category'],
    Priority: options['--deb-priority'],
    Homepage: options['--url'],
    Description: [summary, ...rest.filter(Boolean).map((line) => ` ${line}`)].join('\n'),
  };
  const folder = join(root, 'DEBIAN');
  await mkdir(folder);
  const lines = Object.entries(control).filter(([, value]) => value);
  await writeFile(join(folder, 'control'), lines.map(([name, value]) => `${name}: ${value}\n`).join(''));
  await writeFile(join(folder, 'md5sums'), sums.join(''));
  for (const [option, name] of [
    ['--after-install', 'postinst'],
    ['--after-remove', 'postrm'],
  ]) {
    if (!options[option]) continue;
    await cp(options[option], join(folder, name));
    await chmod(join(folder, name), 0o755);
  }
  const compression = `-Z${{ gz: 'gzip' }[options['--deb-compression']] ?? options['--deb-compression'] ?? 'xz'}`;
  execFileSync('dpkg-deb', ['--root-owner-group', compression, '--build', root, options['--package']]);
}

async function makeRpm(root, options, scratch) {
  const script = (name) => (options[name] ? readFileSync(options[name], 'utf8') : '');
  const quoted = (path) => `"/${path.replaceAll('%', '%%')}"`;
  const spec = `
%define __os_install_post %{nil}
%define _build_id_links none
%define _binary_payload ${options['--rpm-compression'] === 'gzip' ? 'w6.gzdio' : 'w6.xzdio'}
Name: ${options['--name']}
Version: ${options['--version'].replaceAll('-', '~')}
Release: 1
Summary: ${options['--rpm-summary'] ?? options['--name']}
License: ${options['--license']}
URL: ${options['--url']}
Vendor: ${options['--vendor']}
Packager: ${options['--maintainer']}
Group: ${options['--category']}
AutoReqProv: no
${options['-d'].map((name) => `Requires: ${name}`).join('\n')}
%description
${options['--description']}
%post
${script('--after-install')}
%postun
${script('--after-remove')}
%files
%defattr(-,root,root,-)
${options['--directories']
  .flatMap((folder) => listFolders(root, folder))
  .map((path) => `%dir ${quoted(path)}`)
  .join('\n')}
${listFiles(root).map(quoted).join('\n')}
`;
  const specFile = join(scratch, 'package.spec');
  await writeFile(specFile, spec);
  const target = join(scratch, 'rpms');
  const define = ['--define', `_topdir ${join(scratch, 'rpmbuild')}`, '--define', `_rpmdir ${target}`];
  const arch = options['--architecture'];
  execFileSync('rpmbuild', ['-bb', '--quiet', '--target', arch, '--buildroot', root, ...define, specFile]);
  const [made] = listFiles(target);
  await rm(options['--package'], { force: true });
  await cp(join(target, made), options['--package']);
}

const { options, sources } = parse(process.argv.slice(2));
const unknown = Object.keys(options).filter(
  (name) =>
    name.startsWith('--') &&
    !ignored.has(name) &&
    ![
      '--architecture',
      '--after-install',
      '--after-remove',
      '--description',
      '--version',
      '--package',
      '--name',
      '--maintainer',
      '--url',
      '--category',
      '--deb-priority',
      '--deb-recommends',
      '--directories',
      '--rpm-summary',
      '--license',
    ].includes(name),
);
if (unknown.length > 0) throw new Error(`fpm-lite does not know ${unknown.join(', ')}`);

// Beside the result and not in the temporary folder: it is as large as the package unpacked.
const scratch = await mkdtemp(join(dirname(options['--package']), '.fpm-')).catch(() =>
  mkdtemp(join(tmpdir(), 'fpm-')),
);
try {
  const root = join(scratch, 'root');
  await mkdir(root, { mode: 0o755 });
  await stage(root, sources);
  if (options['-t'] === 'deb') await makeDeb(root, options);
  else if (options['-t'] === 'rpm') await makeRpm(root, options, scratch);
  else throw new Error(`fpm-lite makes deb and rpm, not ${options['-t']}`);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
