/** With real processes: `pkexec` and the package managers are small programs that note what they were asked for. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installPackage } from './system-package.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'packages-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const script = (name: string, lines: string) =>
  writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >> '${folder}/log'\n${lines}\n`, {
    mode: 0o755,
  });
const log = () =>
  existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8').trim().split('\n') : [];
const install = (type: 'deb' | 'rpm', isRoot = false) =>
  installPackage({
    type,
    file: join(folder, "it's a $(new) one.pkg"),
    environment: { PATH: `${folder}:/usr/bin:/bin` },
    isRoot,
  });
/** Polkit runs what it was given, without its own switch. */
const ALLOWED = 'shift\nexec "$@"';

test('one question, for one command that installs; the name of the file is a name', async () => {
  script('pkexec', ALLOWED);
  script('dpkg', '');
  await install('deb');
  expect(log().filter((line) => line.startsWith('pkexec'))).toHaveLength(1);
  expect(log().at(-1)).toBe(`dpkg -i ${folder}/it's a $(new) one.pkg`);
});

test('a no is a no: nothing is asked again', async () => {
  script('pkexec', 'exit 126');
  script('dpkg', '');
  await expect(install('deb')).rejects.toMatchObject({ problem: 'not-installed', message: /^refused/u });
  expect(log()).toHaveLength(1);
});

test('what a package depends on is fetched; a package that cannot be installed is an error all the same', async () => {
  script('pkexec', ALLOWED);
  script('dpkg', `test -e '${folder}/fetched'`);
  script('apt-get', `touch '${folder}/fetched'`);
  await install('deb');
  expect(log().map((line) => line.split(' ')[0])).toEqual(['pkexec', 'dpkg', 'apt-get', 'dpkg']);

  script('dpkg', 'echo "it is broken" >&2; exit 2');
  await expect(install('deb')).rejects.toMatchObject({
    problem: 'not-installed',
    message: /it is broken/u,
  });
});

test('an rpm goes through what the system installs such things with', async () => {
  script('pkexec', ALLOWED);
  script('rpm', '');
  script('dnf', '');
  await install('rpm');
  expect(log().at(-1)).toMatch(/^dnf install --nogpgcheck -y /u);
});

test('root asks nobody; nobody there to ask is an error', async () => {
  script('dpkg', '');
  await install('deb', true);
  expect(log()).toHaveLength(1);
  await expect(
    installPackage({ type: 'deb', file: '/a', environment: { PATH: folder }, isRoot: false }),
  ).rejects.toMatchObject({ problem: 'not-installed' });
});
