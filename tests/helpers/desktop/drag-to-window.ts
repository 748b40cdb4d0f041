import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from './until.ts';

const run = promisify(execFile);
const target = join(import.meta.dirname, 'drop-target.py');

/** Where the window of the target appears; screen pixels. */
const PLACE = { x: 6, y: 6, size: 90 };

/**
 * A true drag with the mouse out of our window into another program's, as onto the desktop. X11 only.
 *
 * @param from screen position of what is dragged
 * @returns paths of the files that the other program got
 */
export async function dragToOtherWindow(
  env: NodeJS.ProcessEnv,
  from: { x: number; y: number },
): Promise<string[]> {
  const move = (x: number, y: number, ...more: string[]) =>
    run('xdotool', ['mousemove', '--sync', String(Math.round(x)), String(Math.round(y)), ...more], { env });
  const place = [PLACE.x, PLACE.y, PLACE.size].map(String);
  const child = spawn('/usr/bin/python3', [target, ...place], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  const heard = (word: string, meanwhile = () => Promise.resolve<unknown>(undefined)) =>
    until(
      async () => {
        await meanwhile();
        return said.includes(word);
      },
      { what: `"${word}" of the drop target` },
    );
  const middle = { x: PLACE.x + PLACE.size / 2, y: PLACE.y + PLACE.size / 2 };
  try {
    await heard('ready');
    await move(from.x, from.y, 'mousedown', '1');
    // Past the distance that makes a drag of a click; the file is put in its place while the mouse goes on.
    for (let step = 1; step <= 10; step += 1)
      await move(from.x + ((middle.x - from.x) * step) / 20, from.y + ((middle.y - from.y) * step) / 20);
    let wobble = 1;
    await heard('over', () => move(middle.x + (wobble++ % 8), middle.y));
    await run('xdotool', ['mouseup', '1'], { env });
    await heard('done');
    return said.filter((line) => line.startsWith('uri ')).map((line) => fileURLToPath(line.slice(4)));
  } finally {
    await run('xdotool', ['mouseup', '1'], { env }).catch(() => undefined);
    child.kill();
  }
}
