/**
 * Loaded into a server before its own modules: its computer's clock is wrong by as much as a file beside its data says,
 * and after a certain signal the power goes at its next transaction, which is then not yet safe on the disk.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noteCommits } from './durable-mark.ts';

export const LOSES_POWER = 'SIGUSR2';

const clockIn = (dataFolder: string) => join(dataFolder, 'clock.txt');

/** Holds from the next start on, in milliseconds. */
export const setClock = (dataFolder: string, by: number) => writeFileSync(clockIn(dataFolder), String(by));

const dataFolder = process.env['MAGPIE_TEST_DATA'];
if (dataFolder !== undefined) {
  const clock = clockIn(dataFolder);
  const by = existsSync(clock) ? Number(readFileSync(clock, 'utf8')) : 0;
  const { now } = Date;
  Date.now = () => now() + by;

  let losesPower = false;
  process.on(LOSES_POWER, () => (losesPower = true));
  noteCommits(() => {
    if (losesPower) process.kill(process.pid, 'SIGKILL');
  });
}
