/** What goes wrong beyond the ways in: a server gone mad, a session that died meanwhile, a broken file, a taken port. */
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { DEVICE_HEADER } from '../../protocol/wire/sync.ts';
import { expect, test } from './fixtures.ts';
import {
  addContact,
  connectTo,
  expectConversation,
  expectOnline,
  openChat,
  PASSWORD,
  register,
  row,
  send,
} from './person.ts';

/** As much of a server as it takes to sign in; what goes down the socket is up to the test. */
class HostileServer {
  readonly sockets: WebSocket[] = [];
  readonly #http: Server;
  readonly #frames = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  /** Answers in place of the usual ones. */
  readonly overrides = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();

  constructor() {
    this.#http = createServer((request, response) => {
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      request.resume();
      const override = this.overrides.get(path);
      if (override) return override(request, response);
      const answer = (data: unknown) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ msg: 'ok', data }));
      };
      if (path === '/api/capabilities')
        return answer({ server: 'x', version: '1', extensions: { idempotent_send: 1, order: 1 } });
      if (path === '/api/loginChat')
        return answer({
          id: 7,
          uuid: 'u'.repeat(36),
          username: 'victim',
          nickname: '',
          avatar: '',
          token: 'T0KEN',
        });
      if (path.startsWith('/api/chat/listapplyfriend')) return answer({ alldata: [], pendingCount: 0 });
      if (path.startsWith('/api/chat/goodfriendlist')) return answer({ count: 0, rows: [] });
      return answer('ok');
    });
    this.#http.on('upgrade', (request, socket, head) => {
      this.#frames.handleUpgrade(request, socket, head, (web) => {
        web.on('error', () => undefined);
        this.sockets.push(web);
        web.send('{"type":"system","data":"welcome"}');
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async socket(number: number): Promise<WebSocket> {
    await expect.poll(() => this.sockets.length, { timeout: 60_000 }).toBeGreaterThanOrEqual(number);
    return this.sockets[number - 1] as WebSocket;
  }

  stop(): void {
    for (const web of this.sockets) web.terminate();
    this.#http.closeAllConnections();
    this.#http.close();
  }
}

const message = (id: string, data: unknown, rest: object = {}) =>
  JSON.stringify({
    type: 'singleChat',
    data: {
      id,
      from_id: 6,
      from_name: 'mallory',
      from_avatar: 'http://127.0.0.1:1/steal.png',
      to_id: 7,
      chatType: 'single',
      type: 'text',
      data,
      create_time: 1_700_000_000_000,
      ...rest,
    },
  });

test('frames of a server gone mad, one of ten megabytes among them: the app says so and goes on', async ({
  launchMagpie,
}) => {
  const server = new HostileServer();
  try {
    const origin = await server.start();
    const magpie = await launchMagpie();
    const { page } = magpie;
    await connectTo(page, origin);
    await page.getByTestId('sign-in-username').fill('victim');
    await page.getByTestId('sign-in-password').fill(PASSWORD);
    await page.getByTestId('sign-in-submit').click();
    await expectOnline(page);

    const one = await server.socket(1);
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    for (const frame of [
      '', '{', 'null', '[]', '{"type":"singleChat"}', '{"type":"singleChat","data":{"__proto__":{"x":1}}}',
      '{"msg":"fail"}', message('', 'no id'), message('n', 'x', { create_time: 'never' }),
      message('p', 'x', { chatType: 'constructor' }),
    ]) one.send(frame); // prettier-ignore
    one.send(Buffer.from([0xff, 0xfe, 0x00]));
    one.send(message('deep', deep, { from_id: 9, from_name: 'abyss' }));
    one.send(`{"type":"singleChat","data":${deep}}`);
    one.send(message('good', 'still <b>here</b>\u202e\u0000\ud800', { from_name: 'mallory' }));
    one.send(message('good', 'a second copy'));
    await openChat(page, 'mallory');
    await expect(page.getByTestId('message-text').filter({ hasText: 'still <b>here</b>' })).toHaveCount(1);
    await expect(page.getByText('a second copy')).toHaveCount(0);

    const states: string[] = [];
    await page.exposeFunction('noteState', (state: string) => void states.push(state));
    await page.evaluate(() => {
      const bridge = Reflect.get(window, 'magpie') as {
        on(channel: string, listener: (payload: { state: string }) => void): void;
      };
      const note = Reflect.get(window, 'noteState') as (state: string) => void;
      bridge.on('connection:changed', ({ state }) => note(state));
    });
    one.send('x'.repeat(10 * 1024 * 1024));
    await expect.poll(() => states).toContain('offline');
    // And again, on the next socket: still nothing worse than a break of the line.
    (await server.socket(2)).send('x'.repeat(10 * 1024 * 1024));
    const three = await server.socket(3);
    await expectOnline(page);
    three.send(message('after', 'after the flood'));
    await expect(page.getByTestId('message-text').filter({ hasText: 'after the flood' })).toBeVisible();
    expect(magpie.problems()).toEqual([]);
    expect(magpie.stderr()).not.toMatch(/T0KEN|still <b>here/);
  } finally {
    server.stop();
  }
});

test('hostile answers: redirects are not followed, endless ones end, and a person reads why', async ({
  launchMagpie,
}) => {
  const stolen: string[] = [];
  const thief = createServer((request, response) => {
    stolen.push(`${request.url} ${JSON.stringify(request.headers)}`);
    response.end('{}');
  });
  await new Promise<void>((resolve) => thief.listen(0, '127.0.0.1', resolve));
  const elsewhere = `http://127.0.0.1:${(thief.address() as AddressInfo).port}/take`;
  const server = new HostileServer();
  try {
    const origin = await server.start();
    const magpie = await launchMagpie();
    const { page } = magpie;
    await connectTo(page, origin);
    const redirect = (_request: IncomingMessage, response: ServerResponse) =>
      void response.writeHead(307, { location: elsewhere }).end();
    server.overrides.set('/api/loginChat', redirect);
    await page.getByTestId('sign-in-username').fill('victim');
    await page.getByTestId('sign-in-password').fill(PASSWORD);
    await page.getByTestId('sign-in-submit').click();
    await expect(page.getByTestId('sign-in-error')).toBeVisible();

    // A body without an end, and an account of the wrong shape.
    server.overrides.set('/api/loginChat', (_request, response) => {
      const more = () => {
        if (response.destroyed) return;
        response.write('x'.repeat(256 * 1024), () => setImmediate(more));
      };
      more();
    });
    await page.getByTestId('sign-in-submit').click();
    await expect(page.getByTestId('sign-in-submit')).toBeEnabled();
    await expect(page.getByTestId('sign-in-error')).toBeVisible();
    server.overrides.set(
      '/api/loginChat',
      (_request, response) => void response.end('{"msg":"ok","data":{"id":"x","token":["T0KEN"]}}'),
    );
    await page.getByTestId('sign-in-submit').click();
    await expect(page.getByTestId('sign-in-submit')).toBeEnabled();
    await expect(page.getByTestId('sign-in-error')).toBeVisible();

    server.overrides.delete('/api/loginChat');
    for (const path of ['/api/chat/goodfriendlist/1', '/api/chat/listapplyfriend/1'])
      server.overrides.set(path, redirect);
    await page.getByTestId('sign-in-submit').click();
    await expectOnline(page);
    await page.getByTestId('rail-contacts').click();
    (await server.socket(1)).send(message('m', 'look at my picture'));
    await openChat(page, 'mallory');
    await expect(page.getByTestId('message-text').filter({ hasText: 'look at my picture' })).toBeVisible();
    expect(stolen).toEqual([]);

    // A send that is never answered: the text stays pending, and quitting does not wait for it.
    server.overrides.set('/api/chat/socket/sendmessage', () => undefined);
    await send(page, 'into the tar');
    await expect(page.locator('[data-testid="message"][data-status="pending"]')).toHaveCount(1);
    expect(magpie.problems()).toEqual([]);
    await magpie.quit();
    await magpie.relaunch();
    await openChat(magpie.page, 'mallory');
    await expect(magpie.page.locator('[data-testid="message"][data-status="pending"]')).toHaveText(
      /into the tar/,
    );
  } finally {
    server.stop();
    thief.close();
  }
});

test('a token that died or was damaged while the app was closed is explained at the next start', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const magpie = await launchMagpie();
  await connectTo(magpie.page, server.origin);
  await register(magpie.page, 'sleeper');
  await magpie.quit();

  // Another desktop signs in meanwhile: the stored token is no longer the live one.
  const signIn = await fetch(`${server.origin}/api/loginChat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', [DEVICE_HEADER]: `desktop:${randomUUID()}` },
    body: JSON.stringify({ username: 'sleeper', password: PASSWORD }),
  });
  expect(signIn.status).toBe(200);
  await magpie.relaunch();
  await expect(magpie.page.getByTestId('kicked-dialog')).toBeVisible();
  await magpie.page.getByTestId('kicked-dialog').getByRole('button').click();
  await magpie.page.getByTestId('guest-sign-in').click();
  await expect(magpie.page.getByTestId('sign-in-username')).toHaveValue('sleeper');
  await magpie.page.getByTestId('sign-in-password').fill(PASSWORD);
  await magpie.page.getByTestId('sign-in-submit').click();
  await expectOnline(magpie.page);
  await magpie.quit();

  // Forged: another signature under the same claims.
  const file = join(magpie.profileDir, 'settings.json');
  const stored = JSON.parse(readFileSync(file, 'utf8')) as {
    accounts: Record<string, { token: { sealed: boolean; data: string } | null }>;
  };
  for (const entry of Object.values(stored.accounts)) {
    // The guest who stood in has none any more.
    if (entry.token === null) continue;
    const [head, claims] = Buffer.from(entry.token.data, 'base64').toString('utf8').split('.');
    const forged = `${head}.${claims}.${createHash('sha256').update('forged').digest('base64url')}`;
    entry.token = { sealed: false, data: Buffer.from(forged).toString('base64') };
  }
  writeFileSync(file, JSON.stringify(stored));
  await magpie.relaunch();
  await expect(magpie.page.getByTestId('kicked-dialog')).toBeVisible();
  expect(magpie.problems()).toEqual([]);
});

test('a damaged history: a notice, the old file kept, and the app works', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const ben = await launchMagpie();
  await connectTo(ann.page, server.origin);
  await register(ann.page, 'ann_hurt');
  await connectTo(ben.page, server.origin);
  await register(ben.page, 'ben_hurt');
  await addContact(ann.page, 'ben_hurt');
  await openChat(ann.page, 'ben_hurt');
  await send(ann.page, 'before the damage');
  await expect(row(ben.page, 'ann_hurt')).toHaveAttribute('data-unread', /[1-9]/);
  await ann.quit();

  const accounts = join(ann.profileDir, 'accounts');
  const folder = join(accounts, readdirSync(accounts)[0] ?? '');
  const history = join(folder, 'history.db');
  writeFileSync(history, Buffer.alloc(64 * 1024, 0x5a));
  await ann.relaunch();
  await expect(ann.page.getByTestId('toast').first()).toContainText(
    /damaged|new one|began|set aside|history/i,
  );
  await expectOnline(ann.page);
  expect(readdirSync(folder).filter((name) => name.includes('damaged')).length).toBeGreaterThan(0);
  await openChat(ben.page, 'ann_hurt');
  await send(ben.page, 'can you hear me?');
  await openChat(ann.page, 'ben_hurt');
  await send(ann.page, 'loud and clear');
  await expectConversation(ben.page, ['before the damage', 'can you hear me?', 'loud and clear']);
  expect(ann.problems()).toEqual([]);
});

test('the port of the server inside is taken at the next start: another one is found, nothing is lost', async ({
  launchMagpie,
}) => {
  const magpie = await launchMagpie();
  await magpie.page.getByTestId('welcome-use-this-computer').click();
  await expect(magpie.page.getByTestId('sign-in-form')).toBeVisible();
  await register(magpie.page, 'at_home');
  await magpie.quit();

  const file = join(magpie.profileDir, 'settings.json');
  const { embeddedPort } = JSON.parse(readFileSync(file, 'utf8')) as { embeddedPort: number };
  const squatter = createTcpServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    squatter.once('error', reject);
    squatter.listen(embeddedPort, '127.0.0.1', resolve);
  });
  try {
    await magpie.relaunch();
    await expectOnline(magpie.page);
    await expect(magpie.page.getByTestId('kicked-dialog')).toHaveCount(0);
    const portNow = () => (JSON.parse(readFileSync(file, 'utf8')) as { embeddedPort: number }).embeddedPort;
    await expect.poll(portNow).not.toBe(embeddedPort);
    expect(magpie.problems()).toEqual([]);
  } finally {
    squatter.close();
  }
});
