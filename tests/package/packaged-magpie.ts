/** A packaged app as people get it: its fuses forbid what Playwright's launcher needs, so it is driven from outside. */
import type { Browser, Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { QUIET_NETWORK } from '../../scripts/desktop/virtual-desktop.ts';
import { firstPage } from '../helpers/debugging-port.ts';
import { endProcess } from '../helpers/end-process.ts';
import type { DesktopSession } from '../helpers/desktop/desktop-session.ts';

export const dist = resolve(import.meta.dirname, '../../dist');
/** The one package of that kind. */
export const artefact = (ending: string): string => {
  const found = readdirSync(dist).filter((name) => name.endsWith(`.${ending}`));
  if (found.length !== 1)
    throw new Error(`dist/ holds ${found.length} files *.${ending}: run npm run package:linux first`);
  return join(dist, found[0] ?? '');
};

const startLimitMs = 60_000;
/** `nobody`: the user of this number can do nothing that an ordinary one cannot. */
const ordinaryUser = 65_534;

export class PackagedMagpie {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(page: Page, browser: Browser, child: ChildProcess, folder: string) {
    this.page = page;
    this.#browser = browser;
    this.#child = child;
    this.#folder = folder;
  }

  /**
   * Starts the program as an ordinary user, without any switch that weakens it, and waits for its window.
   *
   * @param tools a folder of programs that are found before those of the system
   */
  static async launch(
    program: string,
    desktop: DesktopSession,
    { tools }: { tools?: string } = {},
  ): Promise<PackagedMagpie> {
    const folder = await mkdtemp(join(tmpdir(), 'magpie-packaged-'));
    const home = join(folder, 'home');
    const runtime = join(folder, 'run');
    for (const path of [home, runtime]) await mkdir(path, { mode: 0o700 });
    for (const path of [folder, home, runtime]) chownSync(path, ordinaryUser, ordinaryUser);
    const asUser = ['--reuid', String(ordinaryUser), '--regid', String(ordinaryUser), '--clear-groups'];
    const child = spawn(
      'setpriv',
      [...asUser, 'dbus-run-session', '--', program, '--remote-debugging-port=0', '--disable-gpu'],
      {
        cwd: home,
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          PATH: [...(tools === undefined ? [] : [tools]), process.env.PATH].join(':'),
          DISPLAY: desktop.env.DISPLAY,
          HOME: home,
          XDG_RUNTIME_DIR: runtime,
          XDG_SESSION_TYPE: 'x11',
          NO_AT_BRIDGE: '1',
          ...QUIET_NETWORK,
          LANG: 'en_US.UTF-8',
        },
      },
    );
    try {
      const { browser, page } = await firstPage(child, startLimitMs);
      await page.waitForLoadState('domcontentloaded');
      return new PackagedMagpie(page, browser, child, folder);
    } catch (error) {
      killGroup(child);
      throw error;
    }
  }

  /** The folders of the person who runs it. */
  get home(): string {
    return join(this.#folder, 'home');
  }

  /** Its profile. */
  get profile(): string {
    return join(this.home, '.config/Magpie');
  }

  async dispose(): Promise<void> {
    await this.#browser.close().catch(() => undefined);
    killGroup(this.#child);
    // What an update has started in its place.
    for (const pid of await processesOf(this.home)) killOne(pid);
    await endProcess(this.#child);
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Numbers of the processes that live in a home folder. */
export async function processesOf(home: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of (await readdir('/proc')).filter((one) => /^\d+$/.test(one))) {
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(`HOME=${home}`)) found.push(Number(name));
  }
  return found;
}

export function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
