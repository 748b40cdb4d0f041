/** One text after another, and a death at each step that it takes: on the sender's side, then on the server's. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { conversationId } from '../../protocol/model/conversation.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { ServerProcess } from '../helpers/server-process.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { violations, type Witness } from './invariants.ts';
import { numbered } from './journal.ts';
import { PersonHandle } from './person-handle.ts';
import { DEATHS_OF_PERSON } from './person-protocol.ts';
import { buildPrograms } from './programs.ts';
import { DEATHS_OF_SERVER, order } from './server-deaths.ts';
import { readServer } from './server-truth.ts';

const PASSWORD = 'secret12';
const PATIENCE = 120_000;

let folder: string;
let server: ServerProcess;
let ann: PersonHandle;
let bob: PersonHandle;

beforeEach(async () => {
  folder = temporaryFolder('killed');
  const programs = await buildPrograms();
  server = await ServerProcess.start(
    ['--log-level', 'silent'],
    ['--import', programs.serverDeaths, programs.server],
  );
  const client = new PlainClient(server.origin);
  const accounts = [await client.register('ann01', PASSWORD), await client.register('bob01', PASSWORD)];
  await client.befriend(accounts[0]!, accounts[1]!);
  const people = accounts.map(
    ({ id, username }, index) =>
      new PersonHandle(id, programs.person, {
        username,
        name: username,
        password: PASSWORD,
        origin: server.origin,
        folder: join(folder, username),
        partners: [accounts[1 - index]!].map((peer) => ({
          conversationId: conversationId('single', peer.id),
          name: peer.username,
        })),
        historyWorker: programs.historyWorker,
        haste: 5,
        skew: 0,
        quiet: true,
        seed: 1,
        dieAt: null,
      }),
  );
  [ann, bob] = [people[0]!, people[1]!];
});
afterEach(async () => {
  await Promise.all([ann.kill(), bob.kill()]);
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const testify = async (person: PersonHandle): Promise<Witness> => ({
  id: person.id,
  name: person.setup.name,
  journal: person.journal,
  report: await person.report(),
});

/** Ann hands a text over for Bob. */
const say = (number: number) =>
  ann.ask({
    ask: 'send',
    text: numbered('ann01', 'bob01', number),
    to: conversationId('single', bob.id),
  });

/** Everything that was accepted is everywhere, once and in order. */
async function expectAllIsWell(): Promise<void> {
  await expect
    .poll(async () => violations(readServer(server.dataFolder), [await testify(ann), await testify(bob)]), {
      timeout: PATIENCE,
      interval: 300,
    })
    .toEqual([]);
}

test(
  `the sender is killed at ${DEATHS_OF_PERSON.length} steps of the outbox`,
  async () => {
    let died = 0;
    for (const [index, dieAt] of DEATHS_OF_PERSON.entries()) {
      // What an earlier life left may bring the death before this text is handed over.
      const life = ann.ready({ dieAt }).then(async () => {
        await say(index + 1);
      });
      await life.catch(() => undefined);
      await ann.died();
      died += 1;
    }
    expect(died).toBe(DEATHS_OF_PERSON.length);
    await Promise.all([ann.ready(), bob.ready()]);
    await say(100);
    await expectAllIsWell();
    // Which of the others were accepted before the death is a matter of moments; all of them were tried or never handed over.
    expect(ann.journal.accepted).toContain(numbered('ann01', 'bob01', 100));
  },
  3 * PATIENCE,
);

test(
  `the server is killed at ${DEATHS_OF_SERVER.length} moments of a send`,
  async () => {
    await Promise.all([ann.ready(), bob.ready()]);
    for (const [index, death] of DEATHS_OF_SERVER.entries()) {
      // The push comes only to somebody who is there.
      await expectAllIsWell();
      order(server.dataFolder, death);
      await say(index + 1);
      await server.ended();
      await server.restart();
      for (const person of [ann, bob]) await person.ask({ ask: 'calm' });
    }
    await expectAllIsWell();
    expect(ann.journal.accepted).toHaveLength(DEATHS_OF_SERVER.length);
  },
  3 * PATIENCE,
);
