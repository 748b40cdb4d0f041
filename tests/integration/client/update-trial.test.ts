/** A new version on trial, with programs that work, fail and hang in its place. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { beginStart, replaceProgram, type Trial } from '../../../electron/main/updates/trial.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

function world() {
  const folder = temporaryFolder('trial');
  const userData = join(folder, 'profile');
  mkdirSync(userData);
  const program = join(folder, 'Magpie.AppImage');
  const starts = join(folder, 'starts');
  writeFileSync(starts, '');
  const script = (name: string, body: string) => {
    const path = name === 'old' ? program : join(folder, name);
    writeFileSync(path, `#!/bin/sh\necho ${name} >> '${starts}'\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  script('old', 'exit 0');
  return {
    userData,
    program,
    script,
    trialFile: join(userData, 'updates', 'trial.json'),
    starts: () => readFileSync(starts, 'utf8').trim().split('\n').filter(Boolean),
    folders: () => readdirSync(join(userData, 'updates')).sort(),
  };
}

/** Replaces and starts as the app does, in a process of its own, because the script waits for the end of the app. */
async function update(userData: string, program: string, installer: string): Promise<void> {
  const module = join(import.meta.dirname, '../../../electron/main/updates/trial.ts');
  const code = `import { replaceProgram, startWatched } from ${JSON.stringify(module)};
    replaceProgram(...${JSON.stringify([userData, program, installer, '2.0.0'])});
    startWatched(...${JSON.stringify([userData, program, '2.0.0'])});`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: 'inherit',
  });
  await new Promise((resolve) => child.once('exit', resolve));
}

const trialOf = (start: Trial | 'taken-back'): Trial => {
  if (start === 'taken-back') throw new Error('it was taken back');
  return start;
};

test('a version whose window comes stays, and nothing of the former one is left', async () => {
  const { userData, program, script, trialFile, starts, folders } = world();
  // Stands for the app that has drawn its window: it ends the trial.
  await update(userData, program, script('new', `rm -f '${trialFile}'`));
  await vi.waitFor(() => expect(starts()).toEqual(['new']), { timeout: 20_000 });
  expect(readFileSync(program, 'utf8')).toContain('echo new');
  const trial = trialOf(beginStart(userData, '2.0.0'));
  trial.passed();
  expect(trial.takenBack).toBeNull();
  expect(folders()).not.toContain('taken-back.json');
});

test('a version that cannot run at all is started twice, then the former one runs again and knows why', async () => {
  const { userData, program, script, starts, folders } = world();
  await update(userData, program, script('new', 'exit 3'));
  await vi.waitFor(() => expect(starts()).toEqual(['new', 'new', 'old']), { timeout: 20_000 });
  expect(readFileSync(program, 'utf8')).toContain('echo old');
  expect(folders()).toEqual(['taken-back.json', 'watch.sh']);
  const trial = trialOf(beginStart(userData, '1.0.0'));
  expect(trial).toMatchObject({ takenBack: '2.0.0', isNews: true });
  trial.told();
  expect(beginStart(userData, '1.0.0')).toMatchObject({ takenBack: '2.0.0', isNews: false });
  // A later version that works ends the story.
  expect(beginStart(userData, '2.0.0')).toMatchObject({ takenBack: null });
});

test('whoever quits a new version before its window came has not judged it', async () => {
  const { userData, program, script, trialFile, starts } = world();
  await update(userData, program, script('new', 'exit 0'));
  await vi.waitFor(() => expect(starts()).toEqual(['new']), { timeout: 20_000 });
  expect(existsSync(trialFile)).toBe(true);
  expect(readFileSync(program, 'utf8')).toContain('echo new');
});

test('without the script the new version counts its own starts, and takes itself back after two', async () => {
  const { userData, program, script, starts } = world();
  replaceProgram(userData, program, script('new', 'exit 0'), '2.0.0');
  trialOf(beginStart(userData, '2.0.0')).ended();
  for (let start = 0; start < 2; start += 1) trialOf(beginStart(userData, '2.0.0'));
  // In a process of its own: the former version starts when that has ended.
  const module = join(import.meta.dirname, '../../../electron/main/updates/trial.ts');
  const code = `import { beginStart } from ${JSON.stringify(module)};
    process.stdout.write(String(beginStart(${JSON.stringify(userData)}, '2.0.0')));`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code]);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await new Promise((resolve) => child.once('exit', resolve));
  expect(said).toBe('taken-back');
  await vi.waitFor(() => expect(starts()).toEqual(['old']), { timeout: 20_000 });
  expect(readFileSync(program, 'utf8')).toContain('echo old');
  expect(beginStart(userData, '1.0.0')).toMatchObject({ takenBack: '2.0.0', isNews: true });
});

test('a replacement that fails leaves everything as it was', () => {
  const { userData, program, folders } = world();
  expect(() => replaceProgram(userData, program, '/nowhere/installer', '2.0.0')).toThrow();
  expect(readFileSync(program, 'utf8')).toContain('echo old');
  expect(folders()).toEqual([]);
});

test('a start of any other version ends the trial', () => {
  const { userData, program, script, trialFile } = world();
  replaceProgram(userData, program, script('new', 'exit 0'), '2.0.0');
  expect(beginStart(userData, '1.0.0')).toMatchObject({ takenBack: null });
  expect(existsSync(trialFile)).toBe(false);
});
