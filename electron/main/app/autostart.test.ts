import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  autostartEntry,
  autostartFile,
  isAutostarted,
  setAutostart,
  startsAtLogin,
  type AutostartOptions,
} from './autostart.ts';

const options = (more: Partial<AutostartOptions>): AutostartOptions => ({
  platform: 'linux',
  environment: {},
  start: { program: '/opt/Magpie/magpie', args: [] },
  loginItems: { get: () => false, set: () => undefined },
  ...more,
});

test('on Linux an entry that the desktop reads comes and goes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'autostart-'));
  try {
    const linux = options({ environment: { XDG_CONFIG_HOME: folder } });
    expect(await isAutostarted(linux)).toBe(false);
    await setAutostart(true, linux);
    expect(await isAutostarted(linux)).toBe(true);
    expect(readFileSync(join(folder, 'autostart', 'magpie.desktop'), 'utf8')).toContain(
      'Exec=/opt/Magpie/magpie --hidden\n',
    );
    await setAutostart(false, linux);
    await setAutostart(false, linux);
    expect(await isAutostarted(linux)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ['X-GNOME-Autostart-enabled=true', 'X-GNOME-Autostart-enabled=false'],
  ['Terminal=false', 'Terminal=false\nHidden=true'],
])('an entry that the desktop has switched off counts as off (%s)', async (before, after) => {
  const folder = mkdtempSync(join(tmpdir(), 'autostart-'));
  try {
    const linux = options({ environment: { XDG_CONFIG_HOME: folder } });
    await setAutostart(true, linux);
    const file = autostartFile(linux.environment);
    writeFileSync(file, readFileSync(file, 'utf8').replace(before, after));
    expect(await isAutostarted(linux)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the folder is the one of the specification', () => {
  expect(autostartFile({ HOME: '/home/ann' })).toBe('/home/ann/.config/autostart/magpie.desktop');
  expect(autostartFile({ HOME: '/home/ann', XDG_CONFIG_HOME: '' })).toBe(
    '/home/ann/.config/autostart/magpie.desktop',
  );
});

test.skipIf(process.platform === 'win32')('a shell reads the command as it was meant', () => {
  const program = '/opt/My "Apps"/mag$pie `x` \\ 100%/run';
  const entry = autostartEntry({ program, args: ['/a folder'] });
  const exec = /^Exec=(.*)$/mu.exec(entry)?.[1] ?? '';
  // As the desktop reads it: first the escapes of the file, then the codes, then the quotes as a shell has them.
  const command = exec.replaceAll('\\\\', '\\').replaceAll('%%', '%');
  const read = execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' });
  expect(read.trimEnd().split('\n')).toEqual([program, '/a folder', '--hidden']);
});

test('elsewhere the system has a switch of its own', async () => {
  const set: boolean[] = [];
  const mac = options({ platform: 'darwin', loginItems: { get: () => true, set: (on) => set.push(on) } });
  await setAutostart(true, mac);
  await setAutostart(false, mac);
  expect(set).toEqual([true, false]);
  expect(await isAutostarted(mac)).toBe(true);
});

test('an entry that was switched off in the task manager of Windows starts nothing', () => {
  const found = { openAtLogin: true, executableWillLaunchAtLogin: false };
  expect(startsAtLogin('win32', found)).toBe(false);
  expect(startsAtLogin('win32', { ...found, executableWillLaunchAtLogin: true })).toBe(true);
  expect(startsAtLogin('darwin', found)).toBe(true);
});
