/** A Wayland compositor that nobody sees, beside the X11 display of the tests. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PNG } from 'pngjs';
import { ChildProcesses } from '../../../scripts/desktop/child-processes.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { DesktopSession } from './desktop-session.ts';
import { until } from './until.ts';

const run = promisify(execFile);

/** In units of the compositor: what a person calls the size of the screen. */
const SCREEN = { width: 1280, height: 800 };

export interface WaylandCompositor {
  /** For programs that speak Wayland: no X11 display is among it, so nothing else can have drawn their windows. */
  env: NodeJS.ProcessEnv;
  /** For programs that speak X11, to the X server of the compositor. */
  xEnv: NodeJS.ProcessEnv;
  /** What the compositor shows, in its own pixels. */
  picture(): Promise<PNG>;
  stop(): Promise<void>;
}

/** @param scale pixels to the unit, as a person sets it for a sharp screen; a whole number */
export async function startWayland(desktop: DesktopSession, scale = 1): Promise<WaylandCompositor> {
  const folder = temporaryFolder('wayland');
  const children = new ChildProcesses();
  const log = join(folder, 'weston.log');
  const socket = `${folder.split('/').at(-1)}`;
  const { XDG_RUNTIME_DIR: runtimeFolder = folder } = desktop.env;
  const stop = async () => {
    await children.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    children.start(
      'weston',
      [
        ...['--backend=headless-backend.so', '--use-pixman', '--no-config', '--xwayland', `--log=${log}`],
        // Its interface for pictures; only programs that are given the socket reach it.
        ...['--debug', `--socket=${socket}`],
        ...[`--width=${SCREEN.width * scale}`, `--height=${SCREEN.height * scale}`, `--scale=${scale}`],
      ],
      { env: desktop.env },
    );
    await until(() => existsSync(join(runtimeFolder, socket)), { what: 'the Wayland socket' });
    const [, display] = await until(
      () => /xserver listening on display (:\d+)/.exec(readFileSync(log, 'utf8')),
      { what: 'the X server of the compositor' },
    );
    const env = { ...desktop.env, WAYLAND_DISPLAY: socket, XDG_SESSION_TYPE: 'wayland' };
    return {
      env: { ...env, DISPLAY: undefined },
      xEnv: { ...env, DISPLAY: display },
      async picture() {
        await run('weston-screenshooter', { env, cwd: folder });
        const name = readdirSync(folder).find((one) => one.endsWith('.png'));
        if (name === undefined) throw new Error('the compositor gave no picture');
        const picture = PNG.sync.read(readFileSync(join(folder, name)));
        await rm(join(folder, name));
        return picture;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
