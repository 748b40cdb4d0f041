import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from './until.ts';

export { saveScreenshot } from '../../../scripts/desktop/screenshot.ts';

const run = promisify(execFile);
type Environment = NodeJS.ProcessEnv;

/** A window as the window manager knows it. */
export interface DesktopWindow {
  id: string;
  processId: number;
  className: string | undefined;
  title: string | undefined;
  /** Of the content without the frame, in screen pixels. */
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * The windows of a display. Minimised ones are among them, hidden ones are not.
 *
 * @throws when no window manager runs
 */
export async function listWindows(env: Environment): Promise<DesktopWindow[]> {
  const { stdout } = await run('wmctrl', ['-lpx'], { env }).catch(async (cause: unknown) => {
    // Some window managers drop the list when it is empty; that there is no window manager is an error.
    const manager = await run('xprop', ['-root', '_NET_SUPPORTING_WM_CHECK'], { env });
    if (!manager.stdout.includes('window id')) throw new Error('no window manager runs', { cause });
    return { stdout: '' };
  });
  // One that goes while it is asked about is not there.
  const windows = await Promise.all(
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => describeWindow(env, line).catch(() => null)),
  );
  return windows.filter((window) => window !== null);
}

/** The windows of one process. */
export async function windowsOf(env: Environment, processId: number): Promise<DesktopWindow[]> {
  return (await listWindows(env)).filter((window) => window.processId === processId);
}

/** The window of a process that has one, once the window manager knows it. */
export function windowOf(env: Environment, processId: number): Promise<DesktopWindow> {
  return until(async () => (await windowsOf(env, processId))[0], { what: 'the window' });
}

/** A window, once it stays where it is: window managers move and resize what has just appeared. */
export async function settled(find: () => Promise<DesktopWindow>): Promise<DesktopWindow> {
  const placeOf = ({ x, y, width, height }: DesktopWindow) => [x, y, width, height].join();
  let last = '';
  let times = 0;
  return until(
    async () => {
      const window = await find();
      times = placeOf(window) === last ? times + 1 : 0;
      last = placeOf(window);
      return times >= 3 ? window : null;
    },
    { what: 'the window to stay where it is' },
  );
}

async function describeWindow(env: Environment, line: string): Promise<DesktopWindow> {
  const [id = '', , processId] = line.split(/\s+/);
  const { stdout: properties } = await run('xprop', ['-id', id, '_NET_WM_NAME', 'WM_NAME', 'WM_CLASS'], {
    env,
  });
  // wmctrl can list geometry too, but is wrong by the frame.
  const { stdout: geometry } = await run('xwininfo', ['-id', id], { env });
  const numberAt = (label: string) => Number(new RegExp(`${label}:\\s+(-?\\d+)`).exec(geometry)?.[1]);
  const textOf = (name: string) => new RegExp(`^${name}\\(.*?\\) = "(.*)"`, 'm').exec(properties)?.[1];
  return {
    id,
    processId: Number(processId),
    className: textOf('WM_CLASS')?.split('", "')[1],
    title: textOf('_NET_WM_NAME') ?? textOf('WM_NAME'),
    x: numberAt('Absolute upper-left X'),
    y: numberAt('Absolute upper-left Y'),
    width: numberAt('Width'),
    height: numberAt('Height'),
  };
}

/** A window's states, such as `HIDDEN` (minimised), `MAXIMIZED_VERT` or `DEMANDS_ATTENTION`. */
export async function windowStates(env: Environment, id: string): Promise<string[]> {
  const { stdout } = await run('xprop', ['-id', id, '_NET_WM_STATE'], { env });
  return [...stdout.matchAll(/_NET_WM_STATE_(\w+)/g)].map((match) => match[1] ?? '');
}

/** What a person sees of a program: whether any of its windows is on the screen, and whether one has the keyboard. */
export function windowsSeen(env: Environment, processId: () => number) {
  const idsOf = async () => (await windowsOf(env, processId())).map(({ id }) => id);
  return {
    count: async () => (await idsOf()).length,
    isShown: async () => {
      // One that closes while it is asked about is not there.
      const states = await Promise.all(
        (await idsOf()).map((id) => windowStates(env, id).catch(() => ['HIDDEN'])),
      );
      return states.some((of) => !of.includes('HIDDEN'));
    },
    isFocused: async () => {
      const { stdout } = await run('xprop', ['-root', '_NET_ACTIVE_WINDOW'], { env });
      const active = Number(/0x[0-9a-f]+/u.exec(stdout)?.[0] ?? 0);
      return (await idsOf()).some((id) => Number(id) === active);
    },
  };
}

/** Closes a window as the button in its frame does. */
export async function closeWindow(env: Environment, id: string): Promise<void> {
  await run('wmctrl', ['-i', '-c', id], { env });
}

/** Activates a window as a click in the task bar does. */
export async function focusWindow(env: Environment, id: string): Promise<void> {
  await run('wmctrl', ['-i', '-a', id], { env });
}

/** Real key presses and mouse moves, in xdotool's words; they go to the focused window. */
export async function pressKeys(env: Environment, ...args: string[]): Promise<string> {
  return (await run('xdotool', args, { env })).stdout.trim();
}

/** Copies something in any number of formats, by their types; it can be pasted until it is stopped. */
export async function offerOnClipboard(
  env: Environment,
  formats: Readonly<Record<string, string | Uint8Array>>,
): Promise<{ stop(): void }> {
  const program = join(import.meta.dirname, 'clipboard-owner.py');
  const owner = spawn('/usr/bin/python3', [program], { env, stdio: ['pipe', 'ignore', 'inherit'] });
  const coded = Object.entries(formats).map(([type, content]) => [
    type,
    Buffer.from(content).toString('base64'),
  ]);
  owner.stdin.end(`${JSON.stringify(Object.fromEntries(coded))}\n`);
  const types = Object.keys(formats).sort().join();
  const isOffered = async () => {
    const offered = await readClipboard(env, 'TARGETS').catch(() => '');
    const lines = offered.toString().split('\n');
    return (
      types ===
      lines
        .filter((line) => line in formats)
        .sort()
        .join()
    );
  };
  await until(isOffered, { what: `${types} on the clipboard` });
  return { stop: () => void owner.kill() };
}

/** What the clipboard holds, in the given type. */
export async function readClipboard(env: Environment, type = 'UTF8_STRING'): Promise<Buffer> {
  const args = ['-selection', 'clipboard', '-t', type, '-o'];
  return (await run('xclip', args, { env, encoding: 'buffer', maxBuffer: 1 << 26 })).stdout;
}
