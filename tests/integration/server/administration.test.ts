/** The console, the command line and what they do to the people who are signed in. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parseAdminCall, runAdminCall } from '../../../server/admin/command-line.ts';
import type { PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';
import { GroupCalls } from './groups.ts';
import { query, temporaryDirectory, testServer } from './harness.ts';
import type { TestServer } from './harness.ts';

const ROOT = { username: 'root01', password: 'secret12' };

/** A browser without scripts: keeps cookies, sends forms, follows redirects. */
class Console {
  readonly #origin: string;
  readonly cookies = new Map<string, string>();
  constructor(origin: string) {
    this.#origin = origin;
  }

  async get(
    path: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string; headers: Headers }> {
    const response = await fetch(this.#origin + path, {
      redirect: 'manual',
      headers: { cookie: this.#cookie(), ...headers },
    });
    return this.#read(response);
  }

  async post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
    const response = await fetch(this.#origin + path, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: this.#cookie(), origin: this.#origin, ...headers },
      body: new URLSearchParams(fields),
    });
    return this.#read(response);
  }

  /** Sends a form as a page of ours would. */
  async submit(path: string, fields: Record<string, string>) {
    const { text } = await this.get('/admin/accounts');
    const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(text) ?? [];
    return this.post(path, { ...fields, form_token: token });
  }

  #cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async #read(response: Response) {
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    return { status: response.status, text: await response.text(), headers: response.headers };
  }
}

async function administered(): Promise<TestServer & { console: Console }> {
  const server = await testServer();
  const console = new Console(server.origin);
  const token = readFileSync(join(server.directory, 'setup-token'), 'utf8').trim();
  const answer = await console.post('/admin/set-up', { ...ROOT, token });
  expect(answer.status).toBe(303);
  return { ...server, console };
}

const change = (username: string, action: string, more: object = {}) => ({
  username,
  action,
  confirmed: 'yes',
  ...more,
});

test('the setup token makes the first administrator, once, and is gone then', async () => {
  const server = await testServer();
  const path = join(server.directory, 'setup-token');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await server.client.register('early1');
  const stranger = new Console(server.origin);
  expect((await stranger.get('/admin/sign-in')).headers.get('location')).toBe('/admin/set-up');
  expect((await stranger.post('/admin/set-up', { ...ROOT, token: 'guessed' })).status).toBe(403);
  const token = readFileSync(path, 'utf8').trim();
  // Somebody who registered first is nobody special, and a wrong password does not take an account over.
  expect(
    (await stranger.post('/admin/set-up', { username: 'early1', password: 'wrong-one', token })).status,
  ).toBe(403);
  expect((await stranger.post('/admin/set-up', { ...ROOT, token })).headers.get('location')).toBe('/admin');
  expect((await stranger.get('/admin')).status).toBe(200);
  expect(existsSync(path)).toBe(false);
  const late = new Console(server.origin);
  const answer = await late.post('/admin/set-up', { username: 'late01', password: 'secret12', token });
  expect(answer.headers.get('location')).toBe('/admin/sign-in');
  expect((await late.get('/admin')).headers.get('location')).toBe('/admin/sign-in');
});

test('nobody but an administrator gets in, and one who lost the right is out at once', async () => {
  const { client, console, origin } = await administered();
  await client.register('anna01');
  const other = new Console(origin);
  expect((await other.post('/admin/sign-in', { username: 'anna01', password: 'secret12' })).status).toBe(403);
  await console.submit('/admin/accounts/change', change('anna01', 'grant'));
  expect((await other.post('/admin/sign-in', { username: 'anna01', password: 'secret12' })).status).toBe(303);
  expect((await other.get('/admin/audit')).status).toBe(200);
  await console.submit('/admin/accounts/change', change('anna01', 'revoke'));
  expect((await other.get('/admin/audit')).headers.get('location')).toBe('/admin/sign-in');
  const last = await console.submit('/admin/accounts/change', change('root01', 'revoke'));
  expect(last).toMatchObject({ status: 400 });
  expect(last.text).toContain('This is the last administrator.');
});

test('forms of other pages are refused, and the cookie is of no use to them', async () => {
  const { client, console, directory, origin } = await administered();
  await client.register('anna01');
  const form = change('anna01', 'disable');
  expect((await console.post('/admin/accounts/change', form)).status).toBe(403);
  expect((await console.post('/admin/accounts/change', { ...form, form_token: 'guessed' })).status).toBe(403);
  const { text } = await console.get('/admin/accounts');
  const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(text) ?? [];
  const whole = { ...form, form_token: token };
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ];
  for (const headers of foreign) {
    expect((await console.post('/admin/accounts/change', whole, headers)).status).toBe(403);
  }
  expect(query(directory, "SELECT status FROM account WHERE username = 'anna01'")).toEqual([{ status: 1 }]);
  const again = await fetch(`${origin}/admin/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams(ROOT),
  });
  expect(again.headers.getSetCookie()[0]).toMatch(/; Path=\/admin; HttpOnly; SameSite=Strict$/);
});

test('pages carry a strict policy, no script, and nothing that was typed in unescaped', async () => {
  const { client, console } = await administered();
  const anna = await client.register('<b>&"1');
  await client.data('POST', '/api/chat/updateUserinfo', {
    token: anna.token,
    json: { fieldname: 'nickname', fieldValue: '<script>alert(1)</script>' },
  });
  for (const path of [
    '/admin',
    '/admin/accounts',
    '/admin/groups',
    '/admin/complaints',
    '/admin/connections',
    '/admin/storage',
    '/admin/audit',
  ]) {
    const { status, text, headers } = await console.get(path);
    expect(status, path).toBe(200);
    expect(text, path).not.toMatch(/<script|<b>/);
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
  }
  const chinese = await console.get('/admin/accounts?lang=zh');
  expect(chinese.text).toContain('<html lang="zh-CN">');
  expect((await console.get('/admin')).text).toContain('概览');
});

test('a disabled account is told, its sockets close, and everything it tries is refused until it is enabled', async () => {
  const { client, console } = await administered();
  const anna = await client.register('anna01');
  const plain = await client.connect(anna);
  const asked = await console.submit('/admin/accounts/change', { username: 'anna01', action: 'disable' });
  expect(asked.text).toContain('Are you sure?');
  await console.submit('/admin/accounts/change', change('anna01', 'disable'));
  expect(await plain.untilClosed()).toBe(1005);
  expect(plain.frames.at(-1)).toEqual({ msg: 'fail', data: '你已被管理员禁用' });
  const call = await client.call('POST', '/api/chat/chatGetmessageOffLine', { token: anna.token });
  expect(call).toMatchObject({ status: 400, body: { data: '当前用户不存在或者已被禁用' } });
  await expect(client.login('anna01')).rejects.toThrow('账号不存在或者被禁用');
  const socket = client.socket(`/ws?token=${anna.token}`);
  await socket.untilClosed();
  expect(socket.frames).toEqual([{ msg: 'fail', data: '你已被管理员禁用' }]);
  await console.submit('/admin/accounts/change', change('anna01', 'enable'));
  expect((await client.call('POST', '/api/chat/chatGetmessageOffLine', { token: anna.token })).status).toBe(
    200,
  );
});

test('a removed account is gone for good: its name is free, all who knew it hear of it, and what it said stays', async () => {
  const { client, console, directory } = await administered();
  const [anna, bert, cora] = await client.registerAll('anna01', 'bert01', 'cora01');
  const groups = new GroupCalls(client);
  const annas = await groups.found(anna, [bert]);
  const berts = await groups.foundAgain(bert, [anna]);
  await client.sendText(anna, bert.id, 'remember me');
  const confirmed = { fieldname: 'invite_confirm', fieldValue: '1' };
  await client.data('POST', '/api/chat/updateUserinfo', { token: cora.token, json: confirmed });
  await client.data('POST', '/api/chat/applyfriend', { token: anna.token, json: { friend_id: cora.id } });
  await client.call('POST', '/api/chat/askanswer/create', {
    token: anna.token,
    json: { ask: 'when', answer: 'now', type: 'single', create_userId: anna.id },
  });
  const nickname = { fieldname: 'nickname', fieldValue: 'Anna of the Mill' };
  await client.data('POST', '/api/chat/updateUserinfo', { token: anna.token, json: nickname });
  const get = (who: PlainAccount, path: string) =>
    client.data('GET', `/api/chat/${path}`, { token: who.token });
  const { cursor } = (await get(bert, 'sync')) as { cursor: number };
  const socket = await client.connect(anna);

  const asked = await console.submit('/admin/accounts/change', { username: 'anna01', action: 'remove' });
  expect(asked.text).toContain('For good.');
  expect(await get(anna, 'goodfriendlist/1')).toMatchObject({ count: 1 });
  await console.submit('/admin/accounts/change', change('anna01', 'remove'));
  await socket.untilClosed();
  expect(socket.frames.at(-1)).toEqual({ msg: 'fail', data: '你已被管理员禁用' });
  await expect(client.login('anna01')).rejects.toThrow('账号不存在或者被禁用');
  expect(await client.data('GET', `/api/userinfo/${anna.uuid}`)).toBeNull();

  // Bert: no contact, no group of hers, his own without her; her words are still his.
  expect(await get(bert, 'goodfriendlist/1')).toMatchObject({ count: 0 });
  expect(await get(bert, 'grouplist/1')).toMatchObject([{ id: berts }]);
  await expect(get(bert, `groupinfo/${annas}`)).rejects.toThrow('群不存在或被封禁');
  const info = (await get(bert, `groupinfo/${berts}`)) as { group_users: { user_id: number }[] };
  expect(info.group_users.map(({ user_id }) => user_id)).toEqual([bert.id]);
  const history = await get(bert, `history?chatType=single&id=${anna.id}`);
  expect(JSON.stringify(history)).toContain('remember me');
  const { changes } = (await get(bert, `sync?cursor=${cursor}`)) as { changes: { kind: string }[] };
  expect(changes).toContainEqual({ kind: 'contacts' });
  expect(changes).toContainEqual(
    expect.objectContaining({
      conversation: expect.objectContaining({ id: anna.id, name: `removed-${anna.id}` }) as unknown,
    }),
  );
  await expect(client.sendText(bert, anna.id, 'where are you?')).rejects.toThrow(
    '对方不存在或者被禁用，不能发消息',
  );
  expect(await get(cora, 'listapplyfriend/1')).toMatchObject({ alldata: [], pendingCount: 0 });

  const rest = 'SELECT nickname, password_hash, device_id, userset FROM account WHERE id = ?';
  expect(query(directory, rest, [anna.id])).toEqual([
    { nickname: '', password_hash: '', device_id: '', userset: '' },
  ]);
  for (const [table, column] of [
    ['profile', 'account_id'],
    ['answer', 'owner_id'],
    ['session', 'account_id'],
    ['contact', 'user_id'],
    ['delivery', 'recipient_id'],
  ])
    expect(query(directory, `SELECT 1 FROM ${table} WHERE ${column} = ?`, [anna.id]), table).toEqual([]);

  // Somebody else may be called that; nobody comes back, and nobody is left who could not be removed.
  expect((await client.register('anna01')).id).not.toBe(anna.id);
  const again = await console.submit('/admin/accounts/change', change(`removed-${anna.id}`, 'enable'));
  expect(again.text).toContain('There is no such account');
  const last = await console.submit('/admin/accounts/change', change(ROOT.username, 'remove'));
  expect(last.text).toContain('last administrator');
  expect((await console.get('/admin/audit')).text).toContain('account.remove');
});

test('a new password is shown once and ends all sessions', async () => {
  const { client, console } = await administered();
  const anna = await client.register('anna01');
  const socket = await client.connect(anna);
  const { text } = await console.submit('/admin/accounts/change', change('anna01', 'resetPassword'));
  const [, password = ''] = /<code>(\w+)<\/code>/.exec(text) ?? [];
  expect(await socket.untilClosed()).toBe(1005);
  expect(socket.frames.at(-1)).toEqual({ msg: 'fail', data: 'Token 不合法' });
  await expect(client.login('anna01')).rejects.toThrow('账户或密码错误');
  expect((await client.login('anna01', password)).id).toBe(anna.id);
  expect((await console.get('/admin/audit')).text).not.toContain(password);
});

test('a complaint is worked on: evidence is shown and logged, the author reads the answer and changes no more', async () => {
  const { client, console } = await administered();
  const [anna, bert] = await client.registerAll('anna01', 'bert01');
  const message = await client.sendText(bert, anna.id, 'buy <now>');
  await client.call('POST', '/api/chat/complaint/create', {
    token: anna.token,
    json: {
      target_id: bert.id,
      target_type: 'single',
      reason: 'spam',
      complaint_chatinfo: [message, { id: 'made up' }],
    },
  });
  const { text } = await console.get('/admin/complaints/1');
  expect(text).toContain('buy &lt;now&gt;');
  expect(text.match(/Stored on this server/g)).toHaveLength(1);
  expect(text.match(/nothing on this server proves it/g)).toHaveLength(1);
  await console.submit('/admin/complaints/1', { status: '2', reply: 'dealt with' });
  const detail = await client.call('GET', '/api/chat/complaint/detail/1', { token: anna.token });
  expect(detail.body).toMatchObject({ data: { status: 2, admin_reply: 'dealt with' } });
  const update = await client.call('POST', '/api/chat/complaint/update/1', {
    token: anna.token,
    json: { content: 'x' },
  });
  expect(update).toMatchObject({ status: 400, body: { msg: '该投诉已开始处理，无法修改' } });
  const log = (await console.get('/admin/audit')).text;
  for (const action of ['set-up', 'account.create', 'complaint.read', 'complaint.process'])
    expect(log).toContain(action);
});

test('one connection is closed; its client may come back', async () => {
  const { client, console } = await administered();
  const anna = await client.register('anna01');
  const socket = await client.connect(anna, '&client=magpie');
  const page = await console.get('/admin/connections');
  expect(page.text).toContain('127.0.0.1');
  const [, id = ''] = /name="id" value="(\d+)"/.exec(page.text) ?? [];
  await console.submit('/admin/connections/close', { id });
  expect(await socket.untilClosed()).toBe(1001);
  await (await client.connect(anna, '&client=magpie')).close();
});

test('the audit log cannot be changed or shortened, not even in the database', async () => {
  const { directory } = await administered();
  expect(() => query(directory, 'DELETE FROM audit')).toThrow('append-only');
  expect(() => query(directory, "UPDATE audit SET action = 'nothing'")).toThrow('append-only');
});

async function admin(directory: string, ...argv: string[]): Promise<unknown> {
  const outcome = await runAdminCall(parseAdminCall([...argv, '--data', directory], {}));
  if (!outcome.ok) throw new Error(outcome.problem);
  return outcome.result;
}

test('the command line asks a running server, and works on the folder of a stopped one', async () => {
  const server = await administered();
  const { client, directory } = server;
  const anna = await client.register('anna01');
  const socket = await client.connect(anna);
  expect(statSync(join(directory, 'admin-control.json')).mode & 0o777).toBe(0o600);
  expect(await admin(directory, 'connections')).toMatchObject([{ username: 'anna01' }]);
  await admin(directory, 'disable', 'anna01');
  // The running server did it: the socket was told.
  expect(await socket.untilClosed()).toBe(1005);
  await server.stop();
  expect(existsSync(join(directory, 'admin-control.json'))).toBe(false);
  expect(await admin(directory, 'connections')).toEqual([]);
  await admin(directory, 'enable', 'anna01');
  const made = (await admin(directory, 'create', 'cora01')) as { password: string };
  const again = await testServer({ dataDirectory: directory });
  expect((await again.client.login('cora01', made.password)).username).toBe('cora01');
  expect((await again.client.login('anna01')).id).toBe(anna.id);
  const log = (await admin(directory, 'audit')) as { action: string; actorName: string }[];
  expect(log.slice(0, 3).map(({ action, actorName }) => `${actorName}: ${action}`)).toEqual([
    'command line: account.create',
    'command line: account.enable',
    'command line: account.disable',
  ]);
});

test.each([
  [['nonsense'], 'unknown admin command "nonsense"'],
  [['disable'], 'username'],
  [['disable', 'nobody'], 'no-such-account'],
  [['disable', 'a', 'b'], '"b" is too much'],
  [['create', 'dora01', '--password', 'secret12'], 'use --password-stdin'],
  [['create', 'abc'], 'bad-name'],
])('%j is refused', async (argv, text) => {
  await expect(async () => admin(temporaryDirectory(), ...argv)).rejects.toThrow(text);
});

test('the control channel opens for its token only', async () => {
  const { origin, directory, client } = await administered();
  const anna = await client.register('anna01');
  const send = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ name: 'status', fields: {} });
    return (await fetch(`${origin}/admin/command`, { method: 'POST', headers, body })).status;
  };
  const { token } = JSON.parse(readFileSync(join(directory, 'admin-control.json'), 'utf8')) as {
    token: string;
  };
  expect(await Promise.all(['', anna.token, `${token}x`, token].map(send))).toEqual([403, 403, 403, 200]);
});

test('the program itself answers in JSON, and says in one line what went wrong', async () => {
  const root = resolve(import.meta.dirname, '../../..');
  const directory = temporaryDirectory();
  const run = (...argv: string[]) =>
    promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', join(root, 'server/main.ts'), 'admin', ...argv, '--data', directory],
      {
        cwd: root,
      },
    );
  const made = JSON.parse((await run('create', 'root01', '--administrator')).stdout) as { password: string };
  expect(made.password).toMatch(/^\w{14}$/);
  await expect(run('disable', 'root01')).rejects.toMatchObject({
    code: 2,
    stderr: 'magpie-server: last-administrator\n',
  });
});
