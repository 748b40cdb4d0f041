/** People write to each other while everything that can break breaks; then the promises are checked. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFaultProxy, type FaultProxy } from '../helpers/fault-proxy.ts';
import { PlainClient, type PlainAccount } from '../helpers/plain-egg-im/plain-client.ts';
import { ServerProcess } from '../helpers/server-process.ts';
import { randomFate } from './fates.ts';
import { violations, type Witness } from './invariants.ts';
import { PersonHandle } from './person-handle.ts';
import { createChance, type Chance } from './random.ts';
import type { RunResult } from './report.ts';
import { readServer } from './server-truth.ts';

export interface ScenarioOptions {
  seed: number;
  /** How long things break. */
  seconds: number;
  /** How long they may take to settle afterwards. */
  settleSeconds: number;
}

const NAMES = ['ann01', 'bob01', 'cyd01'];
const PASSWORD = 'secret12';
const HOURS = 3_600_000;
/** The client gives up a worker that dies more often within a minute. */
const WORKER_KILLS = 4;
const LIMITS = ['requests', 'sends'].flatMap((what) => [`--${what}-per-second`, '0']);

type Kill = 'server killed' | 'person killed' | 'worker killed';

export async function runScenario({ seed, seconds, settleSeconds }: ScenarioOptions): Promise<RunResult> {
  const chance = createChance(seed);
  const folder = mkdtempSync(join(tmpdir(), 'magpie-faults-'));
  const kills: Record<Kill, number> = { 'server killed': 0, 'person killed': 0, 'worker killed': 0 };
  let people: PersonHandle[] = [];
  let proxy: FaultProxy | undefined;
  const server = await ServerProcess.start(['--log-level', 'silent', ...LIMITS]);
  try {
    let breaks = false;
    proxy = await startFaultProxy({
      target: () => Number(new URL(server.origin).port),
      fate: () => (breaks ? randomFate(chance) : {}),
    });
    people = await makePeople(server.origin, proxy.origin, folder, chance);
    await Promise.all(people.map((person) => person.ready()));

    breaks = true;
    await breakThings({ seconds, chance, server, proxy, people, kills });
    proxy.heal();

    let found = await settled(server, people, settleSeconds);
    if (found.length === 0) {
      // What is on the disks is the same as what was shown.
      await Promise.all(people.map((person) => person.kill()));
      await server.kill();
      await server.restart();
      await Promise.all(people.map((person) => person.ready({ quiet: true, loss: 0 })));
      found = await settled(server, people, settleSeconds);
    }
    const messages = readServer(server.dataFolder).reduce((sum, one) => sum + one.messages.length, 0);
    const accepted = people.reduce((sum, { journal }) => sum + journal.accepted.length, 0);
    if (found.length > 0) process.stderr.write(`seed ${seed}; kept: ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
    return { seed, faults: { ...kills, ...proxy.faults }, accepted, messages, violations: found };
  } finally {
    await Promise.all(people.map((person) => person.kill()));
    await proxy?.close();
    await server.dispose();
  }
}

/** Friends of each other; their computers' clocks are wrong by days. */
async function makePeople(direct: string, origin: string, folder: string, chance: Chance) {
  const client = new PlainClient(direct);
  const accounts: PlainAccount[] = [];
  for (const name of NAMES) accounts.push(await client.register(name, PASSWORD));
  for (const [index, one] of accounts.entries())
    for (const other of accounts.slice(index + 1)) await client.befriend(one, other);
  return accounts.map(
    ({ id, username }) =>
      new PersonHandle(id, {
        name: username,
        password: PASSWORD,
        origin,
        folder: join(folder, username),
        peers: accounts
          .filter((other) => other.id !== id)
          .map((other) => ({ id: other.id, name: other.username })),
        haste: 5,
        skew: chance.between(-48, 48) * HOURS,
        loss: 0.1,
        quiet: false,
        seed: chance.between(0, 2 ** 31),
      }),
  );
}

interface Stage {
  seconds: number;
  chance: Chance;
  server: ServerProcess;
  proxy: FaultProxy;
  people: PersonHandle[];
  kills: Record<Kill, number>;
}

async function breakThings({ seconds, chance, server, proxy, people, kills }: Stage): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  const workerKills = new Map<PersonHandle, number[]>();
  const strikes = {
    server: async () => {
      kills['server killed'] += 1;
      await server.kill();
      await sleep(chance.between(0, 1_500));
      await server.restart();
    },
    person: async () => {
      const person = chance.pick(people);
      kills['person killed'] += 1;
      await person.kill();
      workerKills.delete(person);
      if (chance.hits(0.3)) await sleep(chance.between(0, 2_000));
      person.start({ seed: chance.between(0, 2 ** 31) });
    },
    worker: async () => {
      const person = chance.pick(people);
      const recent = (workerKills.get(person) ?? []).filter((at) => performance.now() - at < 65_000);
      if (recent.length >= WORKER_KILLS) return;
      workerKills.set(person, [...recent, performance.now()]);
      // A process that has just begun may not listen yet.
      void person.ask('kill-worker').then(
        (killed) => void (kills['worker killed'] += Number(killed)),
        () => undefined,
      );
    },
    lines: async () => proxy.cutAll(),
  };
  const order = ['server', 'person', 'person', 'person', 'worker', 'worker', 'lines', 'lines'] as const;
  while (performance.now() < end) {
    await sleep(chance.between(50, 1_500));
    await strikes[chance.pick(order)]();
  }
}

/** What is still wrong when nothing more can come. */
async function settled(server: ServerProcess, people: PersonHandle[], seconds: number): Promise<string[]> {
  const end = performance.now() + seconds * 1_000;
  let found: string[] = [];
  const isCalm = new Set<PersonHandle>();
  do {
    try {
      for (const person of people) {
        if (isCalm.has(person)) continue;
        await person.ask('calm');
        isCalm.add(person);
      }
      const witnesses: Witness[] = await Promise.all(
        people.map(async (person) => {
          const { id, journal } = person;
          return { id, name: person.setup.name, journal, report: await person.report() };
        }),
      );
      found = violations(readServer(server.dataFolder), witnesses);
      if (found.length === 0) return found;
    } catch (thrown) {
      found = [`not settled: ${String(thrown)}`];
    }
    await sleep(300);
  } while (performance.now() < end);
  return found;
}
