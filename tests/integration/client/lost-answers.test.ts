/** The answer is lost after the server has stored the message, at every place where a line can break. */
import net from 'node:net';
import { expect, test } from 'vitest';
import { testNetwork } from '../../helpers/test-network.ts';
import { createEggImDialect } from '../../../electron/main/dialects/egg-im/egg-im-dialect.ts';
import { query, testServer } from '../server/harness.ts';

test('however often the answer is lost, there is one copy, in order, and it is acknowledged at last', async () => {
  const server = await testServer();
  const [anna, bert] = await server.client.registerFriends('anna01', 'bert01');
  const port = Number(new URL(server.origin).port);

  // Of every five answers one comes through whole, the others break off after so many bytes.
  let answers = 0;
  const proxy = net.createServer((down) => {
    const up = net.connect(port, '127.0.0.1');
    const end = () => {
      down.destroy();
      up.destroy();
    };
    for (const side of [down, up]) side.on('error', end).on('close', end);
    down.pipe(up);
    up.on('data', (chunk) => {
      const bytes = [0, 9, 200, chunk.length - 1][answers++ % 5];
      if (bytes === undefined) down.write(chunk);
      else down.write(chunk.subarray(0, bytes), end);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  try {
    const dialect = createEggImDialect(
      {
        origin: `http://127.0.0.1:${(proxy.address() as net.AddressInfo).port}`,
        accountId: anna.id,
        token: anna.token,
        deviceId: 'device',
        extensions: true,
      },
      testNetwork(),
    );
    const ids = Array.from({ length: 40 }, (_, index) => `message-${index}`);
    for (const [index, clientMessageId] of ids.entries()) {
      const message = { clientMessageId, conversationId: `single:${bert.id}`, text: clientMessageId };
      let result = await dialect.sendText(message);
      while (result.kind === 'retry') result = await dialect.sendText(message);
      // Number 1 is the notice of the friendship.
      expect(result).toMatchObject({ kind: 'acknowledged', acknowledgement: { sequence: index + 2 } });
    }
    expect(answers).toBeGreaterThan(4 * ids.length);
    const stored = query(
      server.directory,
      'SELECT client_msg_id AS id FROM message WHERE notice = 0 ORDER BY seq',
    );
    expect(stored.map((row) => (row as { id: string }).id)).toEqual(ids);
  } finally {
    proxy.close();
  }
});
