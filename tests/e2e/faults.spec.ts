/**
 * The fault run in the real app: somebody writes in its window while the app and the server inside it are killed, and
 * somebody else, behind a line that breaks, writes back.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { conversationId } from '../../protocol/model/conversation.ts';
import { randomFate } from '../faults/fates.ts';
import { violations } from '../faults/invariants.ts';
import { PersonHandle } from '../faults/person-handle.ts';
import { buildPrograms } from '../faults/programs.ts';
import { createChance } from '../faults/random.ts';
import { table } from '../faults/report.ts';
import { readServer } from '../faults/server-truth.ts';
import { startFaultProxy } from '../helpers/fault-proxy.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { expect, test, type MagpieProcess } from './fixtures.ts';
import { expectConversation, expectOnline, openChat, send, signIn } from './person.ts';

const PASSWORD = 'correct-horse-9';
const seed = Number(process.env['MAGPIE_FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Where the server inside listens now; after a restart it may be elsewhere. */
function portInside({ profileDir }: MagpieProcess): number {
  const settings = JSON.parse(readFileSync(join(profileDir, 'settings.json'), 'utf8')) as {
    embeddedPort: number;
  };
  return settings.embeddedPort;
}

/** False when it does not run at this moment. */
const killServerInside = ({ app }: MagpieProcess) =>
  app.evaluate(({ app: electron }) => {
    const server = electron
      .getAppMetrics()
      .find((one) => one.serviceName === 'magpie-server' || one.name === 'magpie-server');
    if (server === undefined) return false;
    process.kill(server.pid, 'SIGKILL');
    return true;
  });

test('the app and the server inside it are killed while two people write', async ({ launchMagpie }) => {
  // Not in its name: that has to be the same in all processes of a run.
  process.stdout.write(`\nMAGPIE_FAULTS_SEED=${seed}\n`);
  const [chance, ofLines] = [createChance(seed), createChance(seed + 1)];
  const magpie = await launchMagpie();
  await magpie.page.getByTestId('welcome-use-this-computer').click();
  await expect(magpie.page.getByTestId('sign-in-form')).toBeVisible({ timeout: 60_000 });
  const client = new PlainClient(`http://127.0.0.1:${portInside(magpie)}`);
  const home = await client.register('home01', PASSWORD);
  const guest = await client.register('guest01', PASSWORD);
  await client.befriend(home, guest);
  await signIn(magpie.page, 'home01');
  await expectOnline(magpie.page);

  let breaks = true;
  const proxy = await startFaultProxy({
    target: () => portInside(magpie),
    fate: () => (breaks ? randomFate(ofLines) : {}),
  });
  const programs = await buildPrograms();
  const other = new PersonHandle(guest.id, programs.person, {
    username: 'guest01',
    name: 'guest01',
    password: PASSWORD,
    origin: proxy.origin,
    folder: join(temporaryFolder('guest'), 'guest01'),
    partners: [{ conversationId: conversationId('single', home.id), name: 'home01' }],
    historyWorker: programs.historyWorker,
    haste: 5,
    skew: 0,
    quiet: false,
    dieAt: null,
    seed: chance.between(0, 2 ** 31),
  });
  const faults = { 'app killed': 0, 'server inside killed': 0, 'person killed': 0 };
  const accepted: string[] = [];
  try {
    breaks = false;
    await other.ready();
    breaks = true;
    await openChat(magpie.page, 'guest01');
    /** Its bubble is drawn from the row in history. */
    const write = async () => {
      const text = `home01>guest01#${accepted.length + 1}`;
      await send(magpie.page, text);
      await expect(magpie.page.getByTestId('message-text').getByText(text, { exact: true })).toBeVisible();
      accepted.push(text);
    };
    const strikes = {
      async app() {
        await magpie.kill();
        faults['app killed'] += 1;
        await magpie.relaunch();
        await openChat(magpie.page, 'guest01');
      },
      async serverInside() {
        if (await killServerInside(magpie)) faults['server inside killed'] += 1;
      },
      async person() {
        await other.kill();
        faults['person killed'] += 1;
        other.start({ seed: chance.between(0, 2 ** 31) });
      },
      lines: async () => proxy.cutAll(),
    };
    const deck: (keyof typeof strikes)[] = ['app', 'serverInside', 'app', 'serverInside', 'person', 'lines'];
    for (const strike of chance.shuffle(deck)) {
      for (let texts = chance.between(1, 4); texts > 0; texts--) await write();
      await sleep(chance.between(0, 700));
      await strikes[strike]();
    }
    for (let texts = 2; texts > 0; texts--) await write();

    breaks = false;
    proxy.heal();
    await expectOnline(magpie.page);
    await expect
      .poll(() => other.ask({ ask: 'calm' }).then(() => true, String), { timeout: 60_000 })
      .toBe(true);
    const truth = () =>
      readServer(join(magpie.profileDir, 'server')).filter(({ members }) => members.includes(guest.id));
    const broken = async () => {
      const { id, journal } = other;
      const there = truth();
      const texts = there.flatMap(({ messages }) => messages.map(({ text }) => text));
      return [
        ...violations(there, [{ id, name: 'guest01', journal, report: await other.report() }]),
        ...accepted.filter((text) => !texts.includes(text)).map((text) => `${text}: accepted, but lost`),
      ];
    };
    await expect.poll(broken, { timeout: 90_000 }).toEqual([]);
    const stored = truth().flatMap(({ messages }) => messages);
    await expectConversation(
      magpie.page,
      stored.filter(({ isNotice, recalled }) => !isNotice && !recalled).map(({ text }) => text),
    );
    const bubbles = magpie.page.locator('[data-testid="message"][data-status="pending"]');
    await expect(bubbles).toHaveCount(0);
    expect(magpie.problems()).toEqual([]);
    const both = accepted.length + other.journal.accepted.length;
    const result = { seed, faults: { ...faults, ...proxy.faults }, accepted: both, messages: stored.length };
    process.stdout.write(`\n${table([{ ...result, violations: [] }])}\n`);
  } finally {
    await other.kill();
    await proxy.close();
  }
});
