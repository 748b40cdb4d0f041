import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { electronFlags } from '../../scripts/lib/electron-flags.ts';
import type { DesktopSession } from './desktop/desktop-session.ts';
import { until } from './desktop/until.ts';
import { hasEnded, waitForEnd } from './end-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

const repositoryRoot = resolve(import.meta.dirname, '../..');
const holdUntilAttached = join(import.meta.dirname, 'hold-until-attached.cjs');
const loggingElectron = join(import.meta.dirname, 'electron-with-log.sh');
const quitLimitMs = 30_000;
const launchLimitMs = 60_000;

/** Lines that Chromium writes on a desktop without a system bus or graphics card; they mean nothing here. */
const harmless =
  /:(?:ERROR|WARNING):(?:bus|object_proxy|viz_main_impl|gpu_\w+|command_buffer_proxy_impl|gl_\w+|vaapi_\w+|cert_\w+)/;
/** Lines on the main process's stderr that tell of a fault of ours. */
const faulty = /Unhandled|Uncaught|App threw an error|Content Security Policy|Error occurred in handler/i;
/** What the page says, as a person reading the console would see it, when a request fails: expected while offline. */
const failedRequest = /Failed to load resource|WebSocket connection to|net::ERR_/;

/** How to start the app. */
export interface LaunchOptions {
  /** The profile folder; a new one if not given. Give that of an app that has quit, to start it again. */
  profile?: string;
  /** More arguments, for example a link. */
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** The system's language, for example `zh-CN`. */
  locale?: string;
  /** The system's colours. */
  theme?: 'light' | 'dark';
}

/** The real app, running on a desktop of the tests' own. */
export class MagpieProcess {
  readonly profileDir: string;
  readonly #start: (profileDir: string) => Promise<ElectronApplication>;
  /** The program and the environment, without what attaches the tests to it: how a person starts it. */
  readonly command: { program: string; args: readonly string[]; env: NodeJS.ProcessEnv };
  /** Beside the profile and not in it: the app owns that folder. */
  readonly #stderrFile: string;
  readonly #problems: string[] = [];
  #app: ElectronApplication | undefined;
  /** Kept, because Playwright forgets the process once it has ended. */
  #process: ChildProcess | undefined;
  #page: Page | undefined;

  private constructor(
    profileDir: string,
    command: { program: string; args: readonly string[]; env: NodeJS.ProcessEnv },
    start: (profileDir: string) => Promise<ElectronApplication>,
  ) {
    this.profileDir = profileDir;
    this.command = command;
    this.#stderrFile = stderrFile(profileDir);
    this.#start = start;
  }

  /** Starts it and waits for its window. Throws, with what the main process wrote, when none comes. */
  static async launch(
    electronPath: string,
    desktop: DesktopSession,
    { profile, args = [], env = {}, locale = 'en-US', theme = 'light' }: LaunchOptions = {},
  ): Promise<MagpieProcess> {
    const switches = [...electronFlags(desktop.virtual), `--lang=${locale}`];
    if (theme === 'dark') switches.push('--force-dark-mode');
    const profileDir = profile ?? temporaryFolder('profile');
    const command = {
      program: electronPath,
      args: [...switches, `--user-data-dir=${profileDir}`, repositoryRoot],
      env: { ...desktop.env, LANGUAGE: locale.replace('-', '_'), ...env },
    };
    const magpie = new MagpieProcess(profileDir, command, (folder) =>
      _electron.launch({
        executablePath: process.platform === 'win32' ? electronPath : loggingElectron,
        args: ['-r', holdUntilAttached, ...switches, `--user-data-dir=${folder}`, repositoryRoot, ...args],
        env: definedOnly({
          ...desktop.env,
          LANGUAGE: locale.replace('-', '_'),
          MAGPIE_TEST_ELECTRON: electronPath,
          MAGPIE_TEST_STDERR: stderrFile(folder),
          ...env,
        }),
        timeout: launchLimitMs,
        // Otherwise Playwright tells every page that the system is light, and the app's own choice has no effect.
        colorScheme: null,
        // Playwright switches the sandbox off unless told otherwise; only root has to run without it.
        chromiumSandbox: process.getuid?.() !== 0,
      }),
    );
    await magpie.relaunch();
    return magpie;
  }

  /** The app as it was started last. */
  get app(): ElectronApplication {
    if (!this.#app) throw new Error('the app was not started');
    return this.#app;
  }

  /** The window of the app as it was started last. */
  get page(): Page {
    if (!this.#page) throw new Error('the app has no window');
    return this.#page;
  }

  /** Starts it again with the same profile and options. One that still runs is quit first. */
  async relaunch(): Promise<void> {
    if (this.#app) await this.quit();
    const app = await this.#start(this.profileDir);
    this.#app = app;
    const child = app.process();
    this.#process = child;
    const watched = new Set<Page>();
    const watch = (page: Page) => {
      if (watched.has(page)) return;
      watched.add(page);
      watchPage(page, this.#problems);
    };
    app.on('window', watch);
    // A window that came before we listened.
    app.windows().forEach(watch);
    try {
      this.#page = await mainPage(app);
    } catch (error) {
      child.kill('SIGKILL');
      throw new Error(`the app showed no window; its output:\n${this.stderr()}`, { cause: error });
    }
  }

  /** The window as its main process knows it; the page cannot tell. */
  readonly window = {
    isShown: () =>
      this.app.evaluate(({ BrowserWindow }) => {
        const [window] = BrowserWindow.getAllWindows();
        return window !== undefined && window.isVisible() && !window.isMinimized();
      }),
    isFocused: () =>
      this.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isFocused() ?? false),
    /** Puts it in front and waits until the keyboard is its own: real key presses go where the focus is. */
    focus: async () => {
      await this.app.evaluate(({ BrowserWindow }) => {
        const [window] = BrowserWindow.getAllWindows();
        window?.show();
        window?.focus();
      });
      await until(this.window.isFocused, { what: 'the focus in the window' });
    },
    minimize: () => this.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.minimize()),
    count: () => this.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length),
  };

  /** The text on the clipboard, as this app reads it. */
  clipboard(): Promise<string> {
    return this.app.evaluate(({ clipboard }) => clipboard.readText());
  }

  /** What something that a person does puts on the clipboard. */
  async copied(act: () => Promise<void>): Promise<string> {
    const before = 'nothing was copied yet';
    await this.app.evaluate(({ clipboard }, text) => clipboard.writeText(text), before);
    await act();
    return until(async () => (await this.clipboard()).replace(before, ''), {
      what: 'a text on the clipboard',
    });
  }

  /** Starts the program once more with the same profile, while this one runs, and waits until that second one ends. */
  async startAgain(
    args: readonly string[] = [],
  ): Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }> {
    const { program, args: own, env } = this.command;
    const second = spawn(program, [...own, ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    second.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const closed = new Promise((resolve) => second.once('close', resolve));
    if (!(await waitForEnd(second, launchLimitMs))) {
      second.kill('SIGKILL');
      throw new Error(`the second start did not end; its output:\n${stderr}`);
    }
    await closed;
    return { code: second.exitCode, signal: second.signalCode, stderr };
  }

  /** What the main process has written to stderr. */
  stderr(): string {
    return readFileSync(this.#stderrFile, { encoding: 'utf8', flag: 'a+' });
  }

  /** Faults that nobody caught: errors on the console, exceptions in the page, rejections in the main process. */
  problems(): string[] {
    const lines = this.stderr().split('\n');
    return [...this.#problems, ...lines.filter((line) => faulty.test(line) && !harmless.test(line))];
  }

  /** Whether the app has ended. */
  hasEnded(): boolean {
    return !this.#process || hasEnded(this.#process);
  }

  /** Quits it as a person would. Throws if it does not go within half a minute; it is killed then. */
  async quit(): Promise<void> {
    if (!this.#process || this.hasEnded()) return;
    // close() would wait for ever for an app that refuses to quit, so its end is watched from outside.
    void this.app.close().catch(() => undefined);
    if (await waitForEnd(this.#process, quitLimitMs)) return;
    await this.kill();
    throw new Error(`the app did not quit within ${quitLimitMs} ms and was killed`);
  }

  /** Ends it, if it still runs, and deletes its profile. Throws if it had to be killed. */
  async dispose(): Promise<void> {
    try {
      await this.quit();
    } finally {
      for (const path of [this.profileDir, this.#stderrFile]) {
        await rm(path, { recursive: true, force: true, maxRetries: 5 });
      }
    }
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    if (!this.#process) return;
    this.#process.kill('SIGKILL');
    await waitForEnd(this.#process, quitLimitMs);
  }
}

/** Windows of conversations that were open come back as well, and one of them may be there first. */
async function mainPage(app: ElectronApplication): Promise<Page> {
  await app.firstWindow({ timeout: launchLimitMs });
  for (;;) {
    const another = app.waitForEvent('window', { timeout: launchLimitMs });
    // Nobody needs it where the window is found.
    another.catch(() => undefined);
    for (const page of app.windows()) {
      await page.waitForLoadState('domcontentloaded');
      if (!page.url().includes('#/window/')) return page;
    }
    await another;
  }
}

function stderrFile(profileDir: string): string {
  return `${profileDir}.stderr.log`;
}

function watchPage(page: Page, problems: string[]): void {
  page.on('pageerror', (error) => problems.push(`uncaught in the page: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !failedRequest.test(message.text())) problems.push(message.text());
  });
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}
