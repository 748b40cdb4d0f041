import { describe, expect, test } from 'vitest';
import type { UpdateAbility, UpdateSource, UpdateState } from '#protocol/model/update';
import { createFakeClock } from '../support/fake-clock.ts';
import { createLogger } from '../support/logger.ts';
import { createUpdates, isProtected } from './updates.ts';
import { UpdateFailure, type FoundRelease, type Updater } from './updater.ts';

const SERVER = 'http://127.0.0.1:7001';
const RELEASE: FoundRelease = { version: '2.0.0', notes: 'More of it', signed: true };

interface World {
  ability?: UpdateAbility;
  takenBack?: string;
  source?: UpdateSource;
  address?: string;
  server?: string | null;
  offers?: boolean;
  packagedFeed?: string;
  found?: FoundRelease | null;
  /** The feed answers when this resolves. */
  answers?: Promise<void>;
  /** A download does not end by itself. */
  stalls?: boolean;
  /** Thrown by `download`. */
  failure?: UpdateFailure;
  unsent?: number;
}

function setUp(world: World = {}) {
  const clock = createFakeClock();
  const asked: string[] = [];
  const states: UpdateState[] = [];
  const done = { downloads: 0, installs: 0, forgotten: 0 };
  let now = world;
  const updater: Updater = {
    async find({ url }) {
      asked.push(url);
      await now.answers;
      return now.found === undefined ? RELEASE : now.found;
    },
    async download(onProgress, signal) {
      done.downloads += 1;
      onProgress({ done: 5, total: 10 });
      if (now.stalls === true)
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('cut'))),
        );
      if (now.failure !== undefined) throw now.failure;
    },
    forget: () => void (done.forgotten += 1),
    async install() {
      done.installs += 1;
    },
  };
  const updates = createUpdates({
    ability: world.ability ?? 'itself',
    takenBack: world.takenBack ?? null,
    clock,
    logger: createLogger(() => undefined, 'test'),
    settings: () => ({ updateSource: now.source ?? 'server', updateAddress: now.address ?? '' }),
    server: () => (now.server === undefined ? SERVER : now.server),
    packagedFeed: world.packagedFeed ?? null,
    offers: () => Promise.resolve(now.offers ?? true),
    updater: () => Promise.resolve(updater),
    unsent: () => Promise.resolve(now.unsent ?? 0),
    onState: (state) => states.push(state),
  });
  return { clock, updates, asked, states, done, become: (next: World) => (now = { ...now, ...next }) };
}

describe('where it looks', () => {
  test('at the chosen server if that has releases, at an own address, or nowhere', async () => {
    const { updates, asked, become } = setUp();
    await updates.check();
    expect(asked).toEqual([`${SERVER}/updates/`]);
    for (const [world, url] of [
      [{ offers: false }, null],
      [{ offers: false, packagedFeed: 'https://releases.example/m' }, 'https://releases.example/m/'],
      [{ packagedFeed: 'https://releases.example/m' }, `${SERVER}/updates/`],
      [{ source: 'off', packagedFeed: 'https://releases.example/m' }, null],
      [{ server: null }, null],
      [{ source: 'off' }, null],
      [{ source: 'own', address: '' }, null],
      [{ source: 'own', address: 'https://files.example/magpie' }, 'https://files.example/magpie/'],
    ] as [World, string | null][]) {
      const other = setUp(world);
      await other.updates.check();
      expect(other.asked, JSON.stringify(world)).toEqual(url === null ? [] : [url]);
      expect(other.updates.state.source).toBe(url);
      if (url === null) expect(other.updates.state).toMatchObject({ phase: 'idle', problem: null });
    }
    become({});
  });

  test('by itself some time after the start and every few hours; never in a copy that cannot be updated', async () => {
    const { clock, asked, updates } = setUp({ found: null });
    clock.advance(59_000);
    expect(asked).toHaveLength(0);
    clock.advance(1_000);
    await expect.poll(() => updates.state.checkedAt).not.toBeNull();
    clock.advance(4 * 3_600_000);
    await expect.poll(() => asked.length).toBe(2);
    const none = setUp({ ability: 'none' });
    none.clock.advance(24 * 3_600_000);
    expect((await none.updates.check()).phase).toBe('idle');
    expect(none.asked).toEqual([]);
    expect(none.clock.planned).toBe(0);
  });
});

describe('what needs a yes', () => {
  test.each<[string, World, UpdateState['phase'], number]>([
    ['a signed release comes by itself', {}, 'ready', 1],
    ['an unsigned one of a server is offered', { found: { ...RELEASE, signed: false } }, 'offered', 0],
    [
      'an unsigned one of an own address comes by itself',
      { found: { ...RELEASE, signed: false }, source: 'own', address: 'https://files.example/' },
      'ready',
      1,
    ],
    ['a system package is offered', { ability: 'package' }, 'offered', 0],
    ['what somebody else has to install is told', { ability: 'elsewhere' }, 'offered', 0],
    ['a version that did not start is not taken again', { takenBack: '2.0.0' }, 'offered', 0],
    ['a version after it is', { takenBack: '1.9.0' }, 'ready', 1],
  ])('%s', async (_name, world, phase, downloads) => {
    const { updates, done } = setUp(world);
    await updates.check();
    expect(updates.state).toMatchObject({ phase, release: { version: '2.0.0', notes: 'More of it' } });
    expect(done.downloads).toBe(downloads);
    expect(done.installs).toBe(0);
  });

  test('neither signed nor protected on its way: refused, and said', async () => {
    const { updates, done } = setUp({ server: 'http://chat.example', found: { ...RELEASE, signed: false } });
    await updates.check();
    expect(updates.state).toMatchObject({ phase: 'idle', release: null, problem: 'unprotected' });
    await updates.download();
    expect(done.downloads).toBe(0);
    const signed = setUp({ server: 'http://chat.example' });
    await signed.updates.check();
    expect(signed.updates.state.phase).toBe('ready');
  });

  test('what only somebody else can install is never fetched', async () => {
    const { updates, done } = setUp({ ability: 'elsewhere' });
    await updates.check();
    await updates.download();
    expect(done.downloads).toBe(0);
  });
});

test('progress is told, a failure keeps this version, and the next try can work', async () => {
  const { updates, states, done, become } = setUp({ failure: new UpdateFailure('corrupt', 'sha512') });
  await updates.check();
  expect(states.map(({ phase }) => phase)).toContain('downloading');
  expect(states.find(({ progress }) => progress?.done === 5)).toBeDefined();
  expect(updates.state).toMatchObject({ phase: 'offered', problem: 'corrupt', progress: null });
  expect(await updates.install(true)).toEqual({ begins: false, waiting: 0 });
  expect(done.installs).toBe(0);
  const { problem } = await (become({ failure: undefined }), updates.download());
  expect(problem).toBeNull();
  expect(updates.state.phase).toBe('ready');
});

test('nothing is installed while something is being sent, unless the person says so', async () => {
  const { updates, done, become } = setUp({ unsent: 3 });
  await updates.check();
  expect(await updates.install(false)).toEqual({ begins: false, waiting: 3 });
  expect(done.installs).toBe(0);
  become({ unsent: 0 });
  expect(await updates.install(false)).toEqual({ begins: true });
  expect(done.installs).toBe(1);
  const other = setUp({ unsent: 3 });
  await other.updates.check();
  expect(await other.updates.install(true)).toEqual({ begins: true });
});

test('what was offered by one source is forgotten with it', async () => {
  const { updates, become } = setUp({ found: { ...RELEASE, signed: false } });
  await updates.check();
  become({ source: 'off' });
  updates.sourceChanged();
  expect(updates.state).toMatchObject({ phase: 'idle', release: null, source: null });
});

test('what is fetched from a source that is switched off is stopped, and not installed at the end either', async () => {
  for (const stalls of [true, false]) {
    const { updates, become, done, clock, asked } = setUp({ stalls });
    const checked = updates.check();
    await expect.poll(() => updates.state.phase).toBe(stalls ? 'downloading' : 'ready');
    become({ source: 'off' });
    updates.sourceChanged();
    await checked;
    expect(updates.state).toMatchObject({ phase: 'idle', release: null, problem: null });
    await expect.poll(() => done.forgotten).toBe(1);
    expect(await updates.install(true)).toMatchObject({ begins: false });
    clock.runNext();
    await expect.poll(() => asked).toHaveLength(1);
  }
});

test('an answer of the former source is not offered', async () => {
  let answer: () => void = () => undefined;
  const { updates, become, done } = setUp({ answers: new Promise((resolve) => (answer = resolve)) });
  const checked = updates.check();
  become({ source: 'own', address: 'https://other.example/u' });
  updates.sourceChanged();
  answer();
  await checked;
  expect(updates.state).toMatchObject({ phase: 'idle', release: null });
  expect(done.downloads).toBe(0);
});

test('another server on screen: what the former one offers is forgotten, what is here is kept', async () => {
  const offered = setUp({ found: { ...RELEASE, signed: false } });
  await offered.updates.check();
  offered.updates.serverChanged();
  expect(offered.updates.state).toMatchObject({ phase: 'idle', release: null });
  const ready = setUp();
  await ready.updates.check();
  ready.updates.serverChanged();
  expect(ready.updates.state.phase).toBe('ready');
});

test('protected is TLS, or this computer', () => {
  for (const url of ['https://a.example/u/', 'http://127.0.0.1:1/', 'http://localhost/', 'http://[::1]:7/'])
    expect(isProtected(url), url).toBe(true);
  for (const url of [
    'http://a.example/',
    'http://127.0.0.1.example/',
    'http://10.0.0.1/',
    'http://localhost.example/',
  ])
    expect(isProtected(url), url).toBe(false);
});
