import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { testNetwork } from '../../../tests/helpers/test-network.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

test('no line is opened before the opening, whoever asks for it, and every one after it', async () => {
  const seen: string[] = [];
  const server = createServer((socket) => {
    seen.push('line');
    cleanups.push(() => socket.destroy());
    socket.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  let open: () => void = () => undefined;
  const opening = new Promise<void>((resolve) => (open = resolve)).then(() => void seen.push('opening'));
  const network = testNetwork({ opening });
  const call = network.fetch(origin);
  const line = network.dialer.dial(origin);
  // Twice there and back: time enough for whoever does not wait.
  for (const _turn of [1, 2])
    await once(connect(Number(new URL(origin).port), '127.0.0.1').resume(), 'close');
  expect(seen.splice(0)).toEqual(['line', 'line']);
  open();
  expect((await call).status).toBe(204);
  (await line).destroy();
  expect(seen).toEqual(['opening', 'line', 'line']);
});
