/** The people of a conformance run, made through the protocol alone, so that any server will do. */
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { runAdminCall } from '../../../server/admin/command-line.ts';
import { PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';
import type { Frame, PlainAccount, PlainSocket } from '../../helpers/plain-egg-im/plain-client.ts';
import { testServer } from '../server/harness.ts';

/** Address of a foreign server; empty for one of ours, started for the run. */
export const FOREIGN = process.env['MAGPIE_CONFORMANCE_ORIGIN'] ?? '';
const SALT = process.env['MAGPIE_CONFORMANCE_SALT'] ?? 'egg-im-test-salt';
/** Sample data in the repository. */
export const EXCHANGES = join(import.meta.dirname, '../../fixtures/egg-im/exchanges.json');

export interface World {
  client: PlainClient;
  salt: string;
  /** Owner of the groups. */
  anna: PlainAccount;
  /** Friend of Anna, member of her group. */
  bert: PlainAccount;
  /** Nobody's friend at first. */
  cora: PlainAccount;
  guest: PlainAccount;
  /** May administer; on a foreign server, where the protocol knows no way to become it, a user like others. */
  root: PlainAccount;
  /** Same for all names of a run, so that a run on a server with other people meets only its own. */
  tag: string;
  socketOf(person: PlainAccount): Promise<PlainSocket>;
  /** Puts an account out of use or back; undefined on foreign servers. */
  setDisabled: ((username: string, disabled: boolean) => Promise<void>) | undefined;
}

/** Makes the people. */
export async function openWorld(): Promise<World> {
  const ours = FOREIGN === '' ? await testServer({ guestSalt: SALT, guestCallsPerHour: 50 }) : undefined;
  const client = ours?.client ?? new PlainClient(FOREIGN.replace(/\/$/, ''));
  const tag = randomBytes(3).toString('hex');
  const enter = (name: string): Promise<PlainAccount> => client.register(`${name}${tag}`);
  const [anna, bert, cora, root] = [
    await enter('anna'),
    await enter('bert'),
    await enter('cora'),
    await enter('root'),
  ];
  const { body } = await client.guestCall('visitorRegister', { deviceId: randomUUID() }, SALT);
  const sockets = new Map<number, PlainSocket>();
  afterAll(async () => {
    for (const socket of sockets.values()) await socket.close();
  });
  const administer = async (name: string, username: string): Promise<void> => {
    if (ours === undefined) return;
    await runAdminCall({ dataDirectory: ours.directory, name, fields: { username } });
  };
  await administer('grant', root.username);
  return {
    client,
    salt: SALT,
    anna,
    bert,
    cora,
    root,
    guest: (body as { data: PlainAccount }).data,
    tag,
    async socketOf(person) {
      const known = sockets.get(person.id);
      if (known !== undefined && known.closed === undefined) return known;
      const socket = await client.connect(person);
      sockets.set(person.id, socket);
      return socket;
    },
    setDisabled:
      ours === undefined
        ? undefined
        : (username, disabled) => administer(disabled ? 'disable' : 'enable', username),
  };
}

/** Waits for a message that fits; what came before and does not is left alone. */
export async function messageThat(socket: PlainSocket, fits: (message: Frame) => boolean): Promise<Frame> {
  let found: Frame | undefined;
  await socket.until(() => (found = socket.messages.find(fits)) !== undefined);
  if (found === undefined) throw new Error('no such message');
  return found;
}

/** Text of a message in either of its forms (8.2). */
export function textOf(message: Frame): string {
  const { data } = message;
  const content: unknown = typeof data === 'string' ? JSON.parse(data) : data;
  return String((content as { data?: unknown }).data);
}
