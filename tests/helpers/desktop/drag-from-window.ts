import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { until } from './until.ts';

const run = promisify(execFile);
const source = join(import.meta.dirname, 'drag-source.py');

/** Where the window of the source appears, and where in it the mouse takes hold. Screen pixels. */
const PLACE = { x: 10, y: 10 };
const HOLD = { x: 50, y: 50 };

/**
 * A true drag of files with the mouse, out of another program's window, as from a file manager. X11 only.
 *
 * @param to screen position
 * @param isOver whether the target shows that it would take the files: only then the button is let go
 * @returns the action that the target chose, such as `copy`
 */
export async function dragFromOtherWindow(
  env: NodeJS.ProcessEnv,
  paths: readonly string[],
  to: { x: number; y: number },
  isOver: () => Promise<boolean>,
): Promise<string> {
  const move = (x: number, y: number, ...more: string[]) =>
    run('xdotool', ['mousemove', '--sync', String(Math.round(x)), String(Math.round(y)), ...more], { env });
  // The Python of the system: one from elsewhere does not see its GTK.
  const child = spawn('/usr/bin/python3', [source, String(PLACE.x), String(PLACE.y), ...paths], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  const heard = async (word: string): Promise<string> => {
    await until(() => said.some((line) => line.startsWith(word)), { what: `"${word}" of the drag source` });
    return said.find((line) => line.startsWith(word)) ?? '';
  };
  try {
    await heard('ready');
    await move(HOLD.x, HOLD.y, 'mousedown', '1');
    // Past the distance that makes a drag of a click.
    for (let step = 1; step <= 4; step += 1) await move(HOLD.x + step * 8, HOLD.y + step * 8);
    await heard('begin');
    for (let step = 1; step <= 10; step += 1) {
      await move(HOLD.x + ((to.x - HOLD.x) * step) / 10, HOLD.y + ((to.y - HOLD.y) * step) / 10);
    }
    // Each move lets the two programs exchange one more message.
    let wobble = 1;
    await until(
      async () => {
        await move(to.x + (wobble++ % 2), to.y);
        return isOver();
      },
      { what: 'the target of the drag' },
    );
    await run('xdotool', ['mouseup', '1'], { env });
    return (await heard('end ')).slice('end '.length);
  } finally {
    child.kill();
  }
}
