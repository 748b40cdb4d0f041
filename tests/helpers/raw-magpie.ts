import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { until } from './desktop/until.ts';

/** A process of the app. */
export interface AppProcess {
  id: number;
  /** Its whole command line; Chromium's helpers join theirs with blanks. */
  command: string;
}

interface Target {
  type: string;
  url: string;
  webSocketDebuggerUrl: string;
}

/** Longer than any answer of a page that lives. */
const PATIENCE = 3_000;

/**
 * The app as a person starts it, without anything of ours inside, so that it can also start itself anew. Its window is
 * asked over DevTools, each time afresh: what was attached to a page that died would wait for ever.
 */
export class RawMagpie {
  readonly #profile: string;
  readonly #port: number;

  private constructor(profile: string, port: number) {
    this.#profile = profile;
    this.#port = port;
  }

  static async start(command: {
    program: string;
    args: readonly string[];
    env: NodeJS.ProcessEnv;
    profile: string;
  }): Promise<RawMagpie> {
    const port = await freePort();
    spawn(command.program, [`--remote-debugging-port=${port}`, ...command.args], {
      env: command.env,
      stdio: 'ignore',
    });
    return new RawMagpie(command.profile, port);
  }

  /** All processes that run with this profile. */
  processes(): AppProcess[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/u.test(name))
      .flatMap((name) => {
        try {
          const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
          return command.includes(this.#profile) ? [{ id: Number(name), command }] : [];
        } catch {
          // Ended meanwhile.
          return [];
        }
      });
  }

  main(): AppProcess | undefined {
    return this.processes().find(({ command }) => !command.includes(' --type='));
  }

  /** Of the window; another one after each crash. */
  async renderer(): Promise<number> {
    const { id } = await until(
      () => this.processes().find(({ command }) => command.includes(' --type=renderer')),
      { what: 'a renderer process', timeout: 60_000 },
    );
    return id;
  }

  /** What an expression comes to in the page of the window as it is now; rejects while there is none that answers. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${this.#port}/json/list`, {
      signal: AbortSignal.timeout(PATIENCE),
    });
    const targets = (await answer.json()) as Target[];
    const page = targets.find(({ type, url }) => type === 'page' && url.startsWith('magpie-app:'));
    if (page === undefined) throw new Error('no page');
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(page.webSocketDebuggerUrl);
      const giveUp = setTimeout(() => end(() => reject(new Error('no answer'))), PATIENCE);
      const end = (settle: () => void) => {
        clearTimeout(giveUp);
        socket.terminate();
        settle();
      };
      socket.on('error', (error) => end(() => reject(error)));
      socket.on('open', () =>
        socket.send(
          JSON.stringify({
            id: 1,
            method: 'Runtime.evaluate',
            params: { expression, awaitPromise: true, returnByValue: true },
          }),
        ),
      );
      socket.on('message', (data) => {
        const { id, result } = JSON.parse(String(data)) as {
          id?: number;
          result?: { result?: { value?: unknown }; exceptionDetails?: { text: string } };
        };
        if (id !== 1) return;
        const failure = result?.exceptionDetails;
        end(() => (failure === undefined ? resolve(result?.result?.value) : reject(new Error(failure.text))));
      });
    });
  }

  /** Waits until an expression is true in the window. */
  async waitFor(expression: string, what: string): Promise<void> {
    await until(async () => (await this.evaluate(expression)) === true, {
      what,
      timeout: 90_000,
      every: 200,
    });
  }

  async end(): Promise<void> {
    for (const { id } of this.processes()) {
      try {
        process.kill(id, 'SIGKILL');
      } catch {
        // It went with its parent.
      }
    }
    await until(() => this.processes().length === 0, { what: 'the end of the app' });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
