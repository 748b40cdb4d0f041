import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitForEnd } from '../helpers/end-process.ts';
import { readJournal, type Journal } from './journal.ts';
import type { Answer, PersonReport, PersonSetup, Question } from './person-protocol.ts';

const PATIENCE = 30_000;

/** A person's process, seen from the test: started, asked, killed. */
export class PersonHandle {
  /** Of the account. */
  readonly id: number;
  readonly setup: PersonSetup;
  readonly #program: string;
  #child: ChildProcess | undefined;
  #nextId = 1;

  /** @param program the built one of `person-process.ts` */
  constructor(id: number, program: string, setup: PersonSetup) {
    [this.id, this.#program, this.setup] = [id, program, setup];
    mkdirSync(setup.folder, { recursive: true });
  }

  get journal(): Journal {
    return readJournal(`${this.setup.folder}/journal.txt`);
  }

  /** Starts the process without waiting for it. */
  start(change: Partial<PersonSetup> = {}): ChildProcess {
    const child = fork(this.#program, [JSON.stringify({ ...this.setup, ...change })], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.on('error', () => undefined);
    this.#child = child;
    return child;
  }

  /** Resolves when the person is signed in and history is open. */
  async ready(change: Partial<PersonSetup> = {}): Promise<void> {
    const child = this.start(change);
    await this.#hear(child, (answer) => ('ready' in answer ? { value: null } : null));
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
    if (child !== undefined) await waitForEnd(child, 10_000);
  }

  /** Resolves when the process has killed itself; throws when it goes on living. */
  async died(): Promise<void> {
    const child = this.#child;
    if (child === undefined || !(await waitForEnd(child, PATIENCE))) throw new Error('it still lives');
    if (child.signalCode !== 'SIGKILL') throw new Error(`it ended by itself, with ${child.exitCode}`);
  }

  /** Its computer goes off at its next transaction; when there is none soon, between two. */
  async losePower(patience: number): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.connected === true)
      child.send({ id: this.#nextId++, question: { ask: 'lose-power' } satisfies Question }, () => undefined);
    if (child === undefined || (await waitForEnd(child, patience))) return;
    child.kill('SIGKILL');
    await waitForEnd(child, 10_000);
  }

  /** The files of its histories. */
  databases(): string[] {
    const accounts = join(this.setup.folder, 'accounts');
    if (!existsSync(accounts)) return [];
    return readdirSync(accounts).map((account) => join(accounts, account, 'history.db'));
  }

  report = () => this.ask({ ask: 'report' }) as Promise<PersonReport>;

  async ask(question: Question): Promise<unknown> {
    const child = this.#child;
    if (child === undefined) throw new Error(`${this.setup.name} does not run`);
    const id = this.#nextId++;
    const answer = this.#hear(child, (heard) => {
      if (!('id' in heard) || heard.id !== id) return null;
      return 'problem' in heard ? { problem: heard.problem } : { value: heard.value };
    });
    if (child.connected) child.send({ id, question }, () => undefined);
    return answer;
  }

  #hear(child: ChildProcess, pick: (answer: Answer) => { value: unknown } | { problem: string } | null) {
    return new Promise<unknown>((resolve, reject) => {
      const fail = (why: string) => settle(() => reject(new Error(`${this.setup.name} ${why}`)));
      const timer = setTimeout(() => fail('gave no answer'), PATIENCE);
      const onMessage = (answer: Answer) => {
        const picked = pick(answer);
        if (picked === null) return;
        if ('problem' in picked) fail(picked.problem);
        else settle(() => resolve(picked.value));
      };
      const onExit = () => fail('ended');
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('exit', onExit);
        finish();
      };
      child.on('message', onMessage);
      child.once('exit', onExit);
      if (child.exitCode !== null || child.signalCode !== null) onExit();
    });
  }
}
