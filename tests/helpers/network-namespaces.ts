/** Two machines on a network that has nobody else: namespaces of the kernel's, joined by a cable of its own (veth). */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { endProcess } from './end-process.ts';

const root = resolve(import.meta.dirname, '../..');
let count = 0;

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'pipe' });

/** Only root on Linux may make them, and not in every container. */
export const canMakeNamespaces = ((): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const name = `magpie-try-${process.pid}`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'del', name);
    return true;
  } catch {
    return false;
  }
})();

/** A program in a namespace that talks in lines of JSON. */
export interface Program {
  readonly child: ChildProcess;
  /** The newest line that it has said; undefined before the first. */
  last(): Record<string, unknown> | undefined;
  errors(): string;
  say(word: string): void;
}

export class Machine {
  readonly #name: string;
  readonly address: string;
  readonly #programs: ChildProcess[] = [];

  constructor(name: string, address: string) {
    this.#name = name;
    this.address = address;
  }

  /** @param program a file of the repository */
  start(program: string, args: readonly string[] = []): Program {
    const node = [process.execPath, '--import', 'tsx', resolve(root, program), ...args];
    const child = spawn('ip', ['netns', 'exec', this.#name, ...node], { cwd: root, stdio: 'pipe' });
    this.#programs.push(child);
    let last: Record<string, unknown> | undefined;
    let errors = '';
    createInterface(child.stdout).on('line', (line) => (last = JSON.parse(line) as Record<string, unknown>));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    return {
      child,
      last: () => last,
      errors: () => errors,
      say: (word) => void child.stdin.write(`${word}\n`),
    };
  }

  async end(): Promise<void> {
    await Promise.all(this.#programs.map((child) => endProcess(child, 'SIGKILL')));
  }
}

export interface TwoMachines {
  near: Machine;
  far: Machine;
  remove(): Promise<void>;
}

export function twoMachines(): TwoMachines {
  const mark = `${process.pid}-${++count}`;
  const names = [`magpie-near-${mark}`, `magpie-far-${mark}`] as const;
  const cables = [`mn${mark}`.slice(0, 15), `mf${mark}`.slice(0, 15)] as const;
  const addresses = ['10.231.7.1', '10.231.7.2'] as const;
  for (const name of names) ip('netns', 'add', name);
  // Both ends are made inside, so the machine's own network never sees them.
  ip('-n', names[0], 'link', 'add', cables[0], 'type', 'veth', 'peer', 'name', cables[1], 'netns', names[1]);
  for (const [index, name] of names.entries()) {
    ip('-n', name, 'link', 'set', 'lo', 'up');
    ip('-n', name, 'address', 'add', `${addresses[index]}/24`, 'dev', cables[index] ?? '');
    ip('-n', name, 'link', 'set', cables[index] ?? '', 'up');
    ip('-n', name, 'route', 'add', 'default', 'dev', cables[index] ?? '');
  }
  const [near, far] = [new Machine(names[0], addresses[0]), new Machine(names[1], addresses[1])];
  return {
    near,
    far,
    async remove() {
      await Promise.all([near.end(), far.end()]);
      for (const name of names) ip('netns', 'del', name);
    },
  };
}
