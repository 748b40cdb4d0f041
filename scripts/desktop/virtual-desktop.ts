import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { ActionableError } from '../lib/fatal.ts';
import { ChildProcesses } from './child-processes.ts';
import { sessionBusConfiguration } from './session-bus.ts';
import { until } from './until.ts';

const run = promisify(execFile);

/**
 * For apps that nobody sits at: they neither look for servers on the network nor announce one, and the switch that lets
 * others join opens an address that only this machine has.
 */
export const QUIET_NETWORK = { MAGPIE_MDNS: 'off', MAGPIE_OFFICE_HOST: '127.0.0.2' };

interface VirtualDesktopOptions {
  /** Width, height and depth of the screen, in pixels and bits. */
  screen?: string;
  /** A scratch home folder, so that nothing of the machine's own user is read or written. */
  privateHome?: boolean;
}

/** A desktop that nobody sees, with nothing shared with the machine's own session. */
export interface VirtualDesktop {
  /** The environment in which programs appear on it. */
  env: NodeJS.ProcessEnv;
  display: string;
  /** The address of its session bus. */
  busAddress: string;
  /** The home folder of its programs; the user's own unless a private one was asked for. */
  home: string;
  stop(): Promise<void>;
}

/**
 * Starts a virtual X11 display with a session bus and, if one is installed, a window manager (without which windows
 * can neither be activated nor minimised).
 *
 * @throws {ActionableError} when Xvfb is not installed
 */
export async function startVirtualDesktop({
  screen = '1280x800x24',
  privateHome = false,
}: VirtualDesktopOptions = {}): Promise<VirtualDesktop> {
  if (!isInstalled('Xvfb')) {
    throw new ActionableError(
      'there is no display and no Xvfb: install the package that has Xvfb (and openbox)',
    );
  }
  const root = await mkdtemp(join(tmpdir(), 'magpie-desktop-'));
  const children = new ChildProcesses();
  // A process that crashes leaves nothing behind.
  const onExit = () => {
    children.kill();
    rmSync(root, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  const stop = async () => {
    process.off('exit', onExit);
    await children.stop();
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  };

  try {
    const runtimeFolder = join(root, 'run');
    await mkdir(runtimeFolder, { mode: 0o700 });
    const display = await startDisplay(children, screen);
    const busAddress = await startSessionBus(children, root, runtimeFolder);
    const env = environment({ display, busAddress, runtimeFolder });
    if (privateHome) Object.assign(env, await makeHome(join(root, 'home')));
    await startWindowManager(children, env);
    return { env, display, busAddress, home: env.HOME ?? root, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startDisplay(children: ChildProcesses, screen: string): Promise<string> {
  // The server chooses a free display number itself and writes it to descriptor 3: two starts cannot collide.
  const args = ['-displayfd', '3', '-screen', '0', screen, '-nolisten', 'tcp', '-noreset'];
  const server = children.start('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () => reject(new Error('Xvfb ended before it had a display')));
    let number = '';
    (server.stdio[3] as Readable).on('data', (chunk: Buffer) => {
      number += chunk.toString();
      if (number.endsWith('\n')) resolve(`:${number.trim()}`);
    });
  });
}

async function startSessionBus(
  children: ChildProcesses,
  root: string,
  runtimeFolder: string,
): Promise<string> {
  const socket = join(runtimeFolder, 'bus');
  const configuration = join(root, 'bus.conf');
  await writeFile(configuration, sessionBusConfiguration(socket));
  children.start('dbus-daemon', [`--config-file=${configuration}`, '--nofork', '--nopidfile']);
  await until(() => existsSync(socket), { what: 'the session bus' });
  return `unix:path=${socket}`;
}

async function startWindowManager(children: ChildProcesses, env: NodeJS.ProcessEnv): Promise<void> {
  if (!isInstalled('openbox') || !isInstalled('xprop')) return;
  // A window manager that trips over a window that vanishes must not take the rest of the session with it.
  children.keep('openbox', [], { env });
  const hasManager = async () => {
    const { stdout } = await run('xprop', ['-root', '_NET_SUPPORTING_WM_CHECK'], { env });
    return stdout.includes('window id');
  };
  await until(hasManager, { what: 'the window manager' });
}

function environment(session: {
  display: string;
  busAddress: string;
  runtimeFolder: string;
}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...QUIET_NETWORK,
    DISPLAY: session.display,
    DBUS_SESSION_BUS_ADDRESS: session.busAddress,
    XDG_RUNTIME_DIR: session.runtimeFolder,
    XDG_SESSION_TYPE: 'x11',
    // Otherwise GTK looks for an accessibility bus and warns that there is none.
    NO_AT_BRIDGE: '1',
  };
  delete env.WAYLAND_DISPLAY;
  delete env.XDG_CURRENT_DESKTOP;
  return env;
}

async function makeHome(home: string): Promise<NodeJS.ProcessEnv> {
  const folders = {
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_DATA_HOME: join(home, '.local/share'),
  };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  return { HOME: home, ...folders };
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}
