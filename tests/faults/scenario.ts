/** People write to each other while everything that can break breaks; then the promises are checked. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { conversationId } from '../../protocol/model/conversation.ts';
import { startFaultProxy, type FaultProxy } from '../helpers/fault-proxy.ts';
import { startFrameMangler, type FrameMangler } from '../helpers/frame-mangler.ts';
import { PlainClient, type PlainAccount } from '../helpers/plain-egg-im/plain-client.ts';
import { ServerProcess } from '../helpers/server-process.ts';
import { GroupCalls } from '../integration/server/groups.ts';
import { randomFate } from './fates.ts';
import { violations, type Witness } from './invariants.ts';
import { PersonHandle } from './person-handle.ts';
import type { Partner } from './person-protocol.ts';
import { cutPower } from './power-cut.ts';
import { buildPrograms, type Programs } from './programs.ts';
import { createChance, type Chance } from './random.ts';
import type { RunResult } from './report.ts';
import { LOSES_POWER, setClock } from './server-faults.ts';
import { readServer } from './server-truth.ts';

export interface ScenarioOptions {
  seed: number;
  /** How long things break. */
  seconds: number;
  /** How long nothing may move afterwards while something is still wrong. */
  stallSeconds: number;
}

const NAMES = ['ann01', 'bob01', 'cyd01'];
const PASSWORD = 'secret12';
const HOUR = 3_600_000;
/** The client gives up a worker that dies more often within a minute. */
const WORKER_KILLS = 4;
const LIMITS = ['requests', 'sends'].flatMap((what) => [`--${what}-per-second`, '0']);
/** How long a computer that loses its power may wait for its next transaction. */
const POWER_PATIENCE = 1_500;

const FAULTS = [
  'server killed',
  'server power cut',
  'person killed',
  'person power cut',
  'worker killed',
  'disk full',
  'clock set',
  'slept',
  'log torn',
  'member removed',
  'member added',
] as const;
type Fault = (typeof FAULTS)[number];

/** Who takes part, and what can break. */
interface Stage {
  seconds: number;
  chance: Chance;
  server: ServerProcess;
  proxy: FaultProxy;
  people: PersonHandle[];
  group: MovingGroup;
  faults: Record<Fault, number>;
}

export async function runScenario({ seed, seconds, stallSeconds }: ScenarioOptions): Promise<RunResult> {
  // How often lines are opened depends on the machine: what else happens must not depend on that.
  const [chance, ofLines, ofFrames] = [seed, seed + 1, seed + 2].map(createChance) as [
    Chance,
    Chance,
    Chance,
  ];
  // Not one of those that go with the process: after a failure it stays.
  const folder = mkdtempSync(join(tmpdir(), 'magpie-faults-'));
  const faults = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>;
  const programs = await buildPrograms();
  let people: PersonHandle[] = [];
  let proxy: FaultProxy | undefined;
  let mangler: FrameMangler | undefined;
  const server = await ServerProcess.start(
    ['--log-level', 'silent', '--sessions', 'many', ...LIMITS],
    ['--import', programs.serverFaults, programs.server],
  );
  try {
    let breaks = false;
    mangler = await startFrameMangler(server.origin, () =>
      breaks
        ? {
            lost: ofFrames.hits(0.1),
            doubled: ofFrames.hits(0.1),
            late: ofFrames.hits(0.15) ? ofFrames.between(1, 900) : 0,
          }
        : {},
    );
    const behind = Number(new URL(mangler.origin).port);
    proxy = await startFaultProxy({
      target: () => behind,
      fate: () => (breaks ? randomFate(ofLines) : {}),
    });
    const accounts = await makeAccounts(server.origin);
    const group = await createMovingGroup(server.origin, accounts, faults);
    const steady = await group.calls.foundAgain(accounts[0] as PlainAccount, accounts.slice(1));
    people = makePeople({
      accounts,
      groups: { steady, moving: group.id },
      origin: proxy.origin,
      folder,
      chance,
      programs,
    });
    await Promise.all(people.map((person) => person.ready()));

    breaks = true;
    await breakThings({ seconds, chance, server, proxy, people, group, faults });
    breaks = false;
    proxy.heal();

    let found = await settled(server, people, stallSeconds);
    if (found.length === 0) {
      // What is on the disks is the same as what was shown.
      await Promise.all(people.map((person) => person.kill()));
      await server.kill();
      await server.restart();
      await Promise.all(people.map((person) => person.ready({ quiet: true })));
      found = await settled(server, people, stallSeconds);
    }
    const messages = readServer(server.dataFolder).reduce((sum, one) => sum + one.messages.length, 0);
    const accepted = people.reduce((sum, { journal }) => sum + journal.accepted.length, 0);
    if (found.length > 0) process.stderr.write(`seed ${seed}; kept: ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
    const { lost, doubled, late } = mangler.count;
    const frames = { 'frame lost': lost, 'frame doubled': doubled, 'frame late': late };
    return { seed, faults: { ...faults, ...proxy.faults, ...frames }, accepted, messages, violations: found };
  } finally {
    await Promise.all(people.map((person) => person.kill()));
    await proxy?.close();
    await mangler?.close();
    await server.dispose();
  }
}

/** Friends of each other. */
async function makeAccounts(origin: string): Promise<PlainAccount[]> {
  const client = new PlainClient(origin);
  const accounts: PlainAccount[] = [];
  for (const name of NAMES) accounts.push(await client.register(name, PASSWORD));
  for (const [index, one] of accounts.entries())
    for (const other of accounts.slice(index + 1)) await client.befriend(one, other);
  return accounts;
}

/** A group whose last member comes and goes. */
interface MovingGroup {
  id: number;
  calls: GroupCalls;
  move(): Promise<void>;
}

async function createMovingGroup(
  origin: string,
  accounts: readonly PlainAccount[],
  faults: Record<Fault, number>,
): Promise<MovingGroup> {
  const calls = new GroupCalls(new PlainClient(origin));
  const [owner, guest] = [accounts[0], accounts.at(-1)] as [PlainAccount, PlainAccount];
  const id = await calls.foundAgain(owner, accounts.slice(1));
  let isMember = true;
  return {
    id,
    calls,
    async move() {
      const leaves = isMember;
      try {
        if (leaves) await calls.remove(owner, id, guest.id);
        else await calls.join(owner, id, guest.id);
        faults[leaves ? 'member removed' : 'member added'] += 1;
        isMember = !leaves;
      } catch (thrown) {
        // A refusal means that it was done before, and the answer was lost; otherwise it is tried again.
        if (thrown instanceof Error && /^\d{3} /u.test(thrown.message)) isMember = !leaves;
      }
    },
  };
}

/** One device of each, and a second one of Bob's; their clocks are wrong by days. */
function makePeople({
  accounts,
  groups,
  origin,
  folder,
  chance,
  programs,
}: {
  accounts: readonly PlainAccount[];
  groups: Record<string, number>;
  origin: string;
  folder: string;
  chance: Chance;
  programs: Programs;
}): PersonHandle[] {
  const devices = accounts.map((account) => ({ account, name: account.username }));
  const [, bob] = accounts;
  if (bob !== undefined) devices.push({ account: bob, name: 'bobtoo' });
  return devices.map(({ account, name }) => {
    const partners: Partner[] = [
      ...accounts
        .filter(({ id }) => id !== account.id)
        .map(({ id, username }) => ({ conversationId: conversationId('single', id), name: username })),
      ...Object.entries(groups).map(([group, id]) => ({
        conversationId: conversationId('group', id),
        name: group,
      })),
    ];
    return new PersonHandle(account.id, programs.person, {
      username: account.username,
      name,
      password: PASSWORD,
      origin,
      folder: join(folder, name),
      partners,
      historyWorker: programs.historyWorker,
      haste: 5,
      skew: chance.between(-48, 48) * HOUR,
      quiet: false,
      dieAt: null,
      seed: chance.between(0, 2 ** 31),
    });
  });
}

async function breakThings(stage: Stage): Promise<void> {
  const { seconds, chance, server, proxy, people, group, faults } = stage;
  const end = performance.now() + seconds * 1_000;
  const workerKills = new Map<PersonHandle, number[]>();
  /** A process that has just begun may not listen yet, or it dies meanwhile: then it was no fault of ours. */
  const ask = (person: PersonHandle, question: Parameters<PersonHandle['ask']>[0], fault: Fault) =>
    void person.ask(question).then(
      (answer) => void (faults[fault] += answer === undefined ? 1 : Number(answer)),
      () => undefined,
    );
  const losePower = (database: string) => {
    if (cutPower(database, chance) > 0) faults['log torn'] += 1;
  };
  const startAgain = async (person: PersonHandle) => {
    workerKills.delete(person);
    if (chance.hits(0.3)) await sleep(chance.between(0, 2_000));
    person.start({ seed: chance.between(0, 2 ** 31), skew: chance.between(-48, 48) * HOUR });
  };
  const startServerAgain = async () => {
    if (chance.hits(0.3)) setClock(server.dataFolder, chance.between(-48, 48) * HOUR);
    await sleep(chance.between(0, 1_500));
    await server.restart();
  };
  const strikes = {
    server: async () => {
      faults['server killed'] += 1;
      await server.kill();
      await startServerAgain();
    },
    serverPower: async () => {
      faults['server power cut'] += 1;
      await server.killAfter(LOSES_POWER, POWER_PATIENCE);
      losePower(join(server.dataFolder, 'magpie.db'));
      await startServerAgain();
    },
    person: async () => {
      const person = chance.pick(people);
      faults['person killed'] += 1;
      await person.kill();
      await startAgain(person);
    },
    power: async () => {
      const person = chance.pick(people);
      faults['person power cut'] += 1;
      await person.losePower(POWER_PATIENCE);
      for (const database of person.databases()) losePower(database);
      await startAgain(person);
    },
    worker: async () => {
      const person = chance.pick(people);
      const recent = (workerKills.get(person) ?? []).filter((at) => performance.now() - at < 65_000);
      if (recent.length >= WORKER_KILLS) return;
      workerKills.set(person, [...recent, performance.now()]);
      ask(person, { ask: 'kill-worker' }, 'worker killed');
    },
    disk: async () => {
      ask(chance.pick(people), { ask: 'fill-disk', milliseconds: chance.between(200, 2_000) }, 'disk full');
    },
    clock: async () => {
      const milliseconds = chance.between(-48, 48) * HOUR;
      ask(chance.pick(people), { ask: 'set-clock', milliseconds }, 'clock set');
    },
    sleep: async () => {
      ask(chance.pick(people), { ask: 'sleep', milliseconds: chance.between(1, 72) * HOUR }, 'slept');
    },
    lines: async () => proxy.cutAll(),
    member: () => group.move(),
  };
  const deck: (keyof typeof strikes)[] = ['person', 'power', 'worker', 'lines', 'member'];
  // Every kind comes before any comes again, however few a slow machine has time for.
  for (let isOver = false; !isOver; isOver = performance.now() >= end)
    for (const strike of chance.shuffle([...deck, ...(Object.keys(strikes) as typeof deck)])) {
      await sleep(chance.between(50, 800));
      await strikes[strike]();
    }
}

/**
 * What is still wrong when nothing moves any more. However long a slow machine needs for what had piled up: each text
 * that arrives is one wrong less, and whatever stands still for so long would be seen by a person as stuck.
 */
async function settled(server: ServerProcess, people: PersonHandle[], seconds: number): Promise<string[]> {
  let movedAt = performance.now();
  let fewest = Infinity;
  let found: string[] = [];
  const isCalm = new Set<PersonHandle>();
  do {
    try {
      for (const person of people) {
        if (isCalm.has(person)) continue;
        await person.ask({ ask: 'calm' });
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
      if (found.length < fewest) [fewest, movedAt] = [found.length, performance.now()];
    } catch (thrown) {
      found = [`not settled: ${String(thrown)}`];
    }
    await sleep(300);
  } while (performance.now() - movedAt < seconds * 1_000);
  return found;
}
