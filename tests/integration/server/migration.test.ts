/** Databases of released versions are brought up to date with their data. */
import { createHash } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, test } from 'vitest';
import { migration001 } from '../../../server/storage/sqlite/migrations/001-accounts-and-messages.ts';
import { MIGRATIONS } from '../../../server/storage/sqlite/migrations/index.ts';
import type { PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';
import { query, temporaryDirectory, testServer } from './harness.ts';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A folder as the first release left it: two people, three messages, the last of them still queued. */
function firstRelease(token: string): string {
  const directory = temporaryDirectory();
  const database = new Database(join(directory, 'magpie.db'));
  const message = (id: number, seq: number, sender: number, notice: number): string => {
    const payload = JSON.stringify({
      id: `00000000-0000-4000-8000-00000000000${id}`,
      from_id: sender,
      to_id: 3 - sender,
      chatType: 'single',
      type: notice === 1 ? 'systemNotice' : 'text',
      data: `message ${id}`,
      create_time: 1000 + id,
      seq,
    });
    return `INSERT INTO message (id, uuid, conversation_id, seq, sender_id, client_msg_id, notice, payload, create_time)
      VALUES (${id}, '00000000-0000-4000-8000-00000000000${id}', 7, ${seq}, ${sender}, 'c-${id}', ${notice}, '${payload}', ${1000 + id});`;
  };
  database.exec(`${migration001}
    PRAGMA application_id = ${0x4d_61_67_70};
    PRAGMA user_version = 1;
    INSERT INTO account (id, uuid, username, nickname, avatar, password_hash, role, device_id, uniplatform,
      devicemodel, deviceos, devicebrand, create_time, update_time)
    VALUES (1, '00000000-0000-4000-8000-0000000000a1', 'anna01', 'Anna', '/a.png', '', 'user', '', '', '', '', '', 1, 1),
      (2, '00000000-0000-4000-8000-0000000000b2', 'bert01', '', '/b.png', '', 'user', '', '', '', '', '', 1, 1);
    INSERT INTO contact (user_id, friend_id, nickname, create_time, update_time) VALUES (2, 1, 'Ännchen', 1, 1), (1, 2, '', 1, 1);
    INSERT INTO conversation (id, kind, pair_key, head_seq, create_time) VALUES (7, 'single', '1:2', 3, 1);
    INSERT INTO conversation (id, kind, pair_key, head_seq, create_time) VALUES (8, 'single', '2:2', 0, 1);
    ${message(1, 1, 1, 1)} ${message(2, 2, 2, 0)} ${message(3, 3, 1, 0)}
    INSERT INTO delivery (recipient_id, message_id) VALUES (2, 3);
    INSERT INTO session (account_id, token_hash, device_id, issued_at) VALUES (2, '${hashOf(token)}', '', 1);`);
  database.close();
  return directory;
}

test('the first schema is as it was released', () => {
  expect(hashOf(migration001)).toBe('eea351b9f9aa836d77ed2b226e89817d248696b6563acfc2f566af968e6a0b5c');
});

test('the data of the first release get their log, their marks and keep their session', async () => {
  // A token of the secret that this folder will have: made by a first start of another folder.
  const donor = await testServer();
  await donor.client.register('xaver1');
  const bertsToken = (await donor.client.register('bert01')).token;
  await donor.stop();
  const directory = firstRelease(bertsToken);
  copyFileSync(join(donor.directory, 'token-secret'), join(directory, 'token-secret'));
  const { client } = await testServer({ dataDirectory: directory });
  const bert = { id: 2, token: bertsToken } as PlainAccount;

  const synced = (await client.data('GET', '/api/chat/sync', { token: bert.token })) as {
    reset: boolean;
    changes: unknown[];
    more: boolean;
  };
  const chat = { chatType: 'single', first_seq: 1 };
  expect(synced).toMatchObject({ reset: true, more: false });
  expect(synced.changes).toEqual([
    {
      kind: 'conversation',
      // Bert wrote number 2, so he has read up to there.
      conversation: {
        ...chat,
        id: 1,
        name: 'Ännchen',
        avatar: '/a.png',
        head_seq: 3,
        read_seq: 2,
        peer_read_seq: 3,
      },
    },
    {
      kind: 'conversation',
      conversation: {
        ...chat,
        id: 2,
        name: 'bert01',
        avatar: '/b.png',
        head_seq: 0,
        read_seq: 0,
        peer_read_seq: 0,
      },
    },
  ]);
  const history = (await client.data('GET', '/api/chat/history?chatType=single&id=1', {
    token: bert.token,
  })) as { messages: { data: string }[] };
  expect(history.messages.map(({ data }) => data)).toEqual(['message 1', 'message 2', 'message 3']);

  const socket = await client.connect(bert);
  await client.flushOffline(bert);
  expect((await socket.nextMessage())['seq']).toBe(3);
  expect((await client.sendText(bert, 1, 'goes on'))['seq']).toBe(4);
  expect(query(directory, 'PRAGMA user_version')).toEqual([{ user_version: MIGRATIONS.length }]);
});
