/** "Let others on this network join", on addresses that only this machine has: a second, encrypted door to the same server. */
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { pinnedCall, pinnedSocket, shownFingerprint } from '../../helpers/pinned-tls.ts';
import { textMessage } from '../../helpers/plain-egg-im/plain-client.ts';
import { testServer } from './harness.ts';

const order = { host: '127.0.0.2', port: 0, name: 'Workshop', mdns: 'off' as const };
const credentials = { username: 'bert01', password: 'secret12' };

test('who joins by the second door meets who is at home, and closing it cuts them off at once and nobody else', async () => {
  const server = await testServer();
  const anna = await server.client.register('anna01');
  const home = await server.client.connect(anna);
  const opened = await server.office.open(order);
  const origin = `https://127.0.0.2:${opened.port}`;
  expect(await shownFingerprint(origin)).toBe(opened.fingerprint);

  const made = await pinnedCall(origin, opened.fingerprint, '/api/regChat', { json: credentials });
  const bert = made.body.data as { id: number; token: string };
  await server.client.data('POST', '/api/chat/autoAddFriendAndAgree', {
    token: anna.token,
    json: { friend_id: bert.id },
  });
  const away = await pinnedSocket(origin, bert.token);
  await server.client.sendText(anna, bert.id, 'to the office');
  await expect.poll(() => away.frames.join()).toContain('to the office');
  await pinnedCall(origin, opened.fingerprint, '/api/chat/socket/sendmessage', {
    token: bert.token,
    json: textMessage(anna.id, 'back home'),
  });
  await home.next((frame) => JSON.stringify(frame).includes('back home'));
  expect((await server.connections()).map(({ username, address }) => [username, address]).sort()).toEqual([
    ['anna01', '127.0.0.1'],
    ['bert01', '127.0.0.1'],
  ]);

  // Another name cuts nobody off.
  await server.office.rename('Atelier');
  expect(server.office.state?.port).toBe(opened.port);
  expect((await server.connections()).map(({ username }) => username).sort()).toEqual(['anna01', 'bert01']);

  await server.office.close();
  await server.office.rename('Nobody hears it');
  await away.closed;
  expect(server.office.state).toBeNull();
  await expect(shownFingerprint(origin)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect((await server.connections()).map(({ username }) => username)).toEqual(['anna01']);
  await server.client.sendText(anna, bert.id, 'still at home');

  // Open again: the same certificate, so whoever trusted it comes back without a word.
  const again = await server.office.open({ ...order, port: opened.port });
  expect(again).toMatchObject({ port: opened.port, fingerprint: opened.fingerprint });
  await pinnedSocket(origin, bert.token);
});

test('a port that is taken is no reason to stay closed, an address of another machine is', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.2', resolve));
  const { port } = holder.address() as { port: number };
  const server = await testServer();
  const opened = await server.office.open({ ...order, port });
  expect(opened.port).not.toBe(port);
  await expect(server.office.open({ ...order, host: '192.0.2.1' })).rejects.toMatchObject({
    code: 'EADDRNOTAVAIL',
  });
  expect(server.office.state).toBeNull();
  holder.close();
});

test('however fast the switch is turned, the last turn counts', async () => {
  const server = await testServer();
  const turns = [];
  for (let turn = 0; turn < 6; turn++)
    turns.push(turn % 2 === 0 ? server.office.open(order) : server.office.close());
  await Promise.all(turns);
  expect(server.office.state).toBeNull();
  const { port } = await server.office.open(order);
  expect(await shownFingerprint(`https://127.0.0.2:${port}`)).toBe(server.office.state?.fingerprint);
});

test('what is no encrypted HTTP gets no answer that helps, and harms nobody', async () => {
  const server = await testServer();
  const { port, fingerprint } = await server.office.open(order);
  await expect(fetch(`http://127.0.0.2:${port}/api/capabilities`)).rejects.toThrow();
  expect((await pinnedCall(`https://127.0.0.2:${port}`, fingerprint, '/nowhere')).status).toBe(404);
});
