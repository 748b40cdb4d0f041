/**
 * Every route with every wrong caller. A route without an entry fails the first test, so nobody can add one without
 * saying who may use it.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';
import { png } from '../../helpers/files/samples.ts';
import { GroupCalls } from './groups.ts';
import { query, testServer } from './harness.ts';
import type { TestServer } from './harness.ts';

/**
 * `anyone`; `signed`: anyone with the signature of guests; `visitor`: any token; `user`: a token of a registered account;
 * `file`: whoever may see the file; `administrator`: a session of the console; `operator`: the secret of the data folder.
 */
type Who = 'anyone' | 'signed' | 'visitor' | 'user' | 'file' | 'administrator' | 'operator';

const RULES: Readonly<Record<string, Who>> = {
  'POST /api/regChat': 'anyone',
  'POST /api/loginChat': 'anyone',
  'POST /api/visitorRegister': 'signed',
  'POST /api/visitorregChat': 'signed',
  'POST /api/visitorloginChat': 'signed',
  'GET /api/userinfo/:uuid': 'anyone',
  'GET /api/capabilities': 'anyone',
  'POST /api/chat/logout': 'user',
  'POST /api/chat/searchUser': 'user',
  'POST /api/chat/isApplyfriend/:uuid': 'user',
  'POST /api/chat/userset': 'visitor',
  'POST /api/chat/getUserSetInfo': 'visitor',
  'POST /api/chat/updateUserinfo': 'visitor',
  'POST /api/chat/setPassword': 'user',
  'POST /api/chat/applyfriend': 'visitor',
  'GET /api/chat/listapplyfriend/:page': 'user',
  'POST /api/chat/handleapply/:id': 'user',
  'POST /api/chat/autoAddFriendAndAgree': 'visitor',
  'GET /api/chat/goodfriendlist/:page': 'user',
  'GET /api/chat/getgoodfriendinfo/:id': 'user',
  'POST /api/chat/setblackgoodfriend/:id': 'user',
  'POST /api/chat/setstargoodfriend/:id': 'user',
  'POST /api/chat/setmeOrfriendCanSee/:id': 'user',
  'POST /api/chat/ismygoodfriend/:id': 'visitor',
  'POST /api/chat/deletegoodfriend/:id': 'visitor',
  'POST /api/chat/setaliasgoodfriend/:id': 'user',
  'POST /api/chat/socket/sendmessage': 'visitor',
  'POST /api/chat/chatGetmessageOffLine': 'visitor',
  'POST /api/chat/revokeMessage': 'visitor',
  'POST /api/chat/group/create': 'user',
  'GET /api/chat/grouplist/:page': 'visitor',
  'GET /api/chat/groupinfo/:id': 'visitor',
  'POST /api/chat/groupUpdateName': 'user',
  'POST /api/chat/groupremark': 'user',
  'POST /api/chat/groupnickname': 'visitor',
  'POST /api/chat/groupDeleteOrQuit': 'visitor',
  'POST /api/chat/groupDeleteUser': 'user',
  'POST /api/chat/groupInviteUser': 'visitor',
  'POST /api/chat/groupAddUserSet': 'user',
  'POST /api/chat/groupAgreeOrNo': 'user',
  'GET /api/chat/groupRequests/:id': 'user',
  'GET /api/chat/groupMarks/:id': 'visitor',
  'GET /api/chat/groupReaders/:id': 'visitor',
  'POST /api/chat/groupReadReceipts': 'user',
  'GET /api/chat/groupQrcode/:id': 'visitor',
  'POST /api/chat/askanswer/create': 'user',
  'POST /api/chat/askanswer/update': 'user',
  'POST /api/chat/askanswer/delete': 'user',
  'POST /api/chat/askanswer/list': 'user',
  'POST /api/chat/askanswer/detail': 'user',
  'POST /api/chat/askanswer/search': 'user',
  'POST /api/chat/complaint/create': 'user',
  'GET /api/chat/complaint/list': 'user',
  'GET /api/chat/complaint/detail/:id': 'user',
  'POST /api/chat/complaint/update/:id': 'user',
  'POST /api/chat/complaint/delete/:id': 'user',
  'GET /api/chat/sync': 'visitor',
  'GET /api/chat/history': 'visitor',
  'POST /api/chat/read': 'visitor',
  'POST /api/chat/uploadStreamSingleToServerDiy/:diydir': 'visitor',
  'POST /api/chat/uploadAliyun': 'visitor',
  'POST /api/chat/getVideoScreenshot': 'visitor',
  'POST /api/chat/uploads': 'visitor',
  'PUT /api/chat/uploads/:id': 'visitor',
  'DELETE /api/chat/uploads/:id': 'visitor',
  'GET /public/uploads/*': 'file',
  'GET /images/*': 'file',
  'GET /public/*': 'anyone',
  'GET /dictionaries/': 'anyone',
  'GET /dictionaries/:name': 'anyone',
  'GET /updates/*': 'anyone',
  'GET /public/chat/user.png': 'anyone',
  'GET /public/chat/notice.png': 'anyone',
  'GET /admin': 'administrator',
  'GET /admin/accounts': 'administrator',
  'POST /admin/accounts/create': 'administrator',
  'POST /admin/accounts/change': 'administrator',
  'GET /admin/groups': 'administrator',
  'POST /admin/groups/dissolve': 'administrator',
  'GET /admin/complaints': 'administrator',
  'GET /admin/complaints/:id': 'administrator',
  'POST /admin/complaints/:id': 'administrator',
  'GET /admin/complaints/:id/files/*': 'administrator',
  'GET /admin/connections': 'administrator',
  'POST /admin/connections/close': 'administrator',
  'GET /admin/storage': 'administrator',
  'GET /admin/audit': 'administrator',
  'POST /admin/sign-out': 'administrator',
  'GET /admin/sign-in': 'anyone',
  'POST /admin/sign-in': 'anyone',
  'GET /admin/set-up': 'anyone',
  'POST /admin/set-up': 'anyone',
  'POST /admin/command': 'operator',
  'POST /admin/backup': 'operator',
  'POST /admin/backup-state': 'operator',
};

const NO_TOKEN = { msg: 'fail', data: '您没有权限访问即时通讯接口' };
const BAD_TOKEN = { msg: 'fail', data: 'Token 令牌不合法！' };
const DISABLED = { msg: 'fail', data: '当前用户不存在或者已被禁用' };
const VISITOR = { msg: 'fail', data: '您没有权限访问，请先注册或登录' };

const SALT = 'salt-of-this-test';
let server: TestServer;
let user: PlainAccount;
let guest: PlainAccount;
let disabled: PlainAccount;
let superseded: PlainAccount;

beforeAll(async () => {
  server = await testServer({ guestSalt: SALT });
  const { client, directory } = server;
  user = await client.register('anna01');
  superseded = await client.register('bert01');
  await client.login('bert01');
  disabled = await client.register('cora01');
  query(directory, "UPDATE account SET status = 0 WHERE username = 'cora01'");
  const { body } = await client.guestCall('visitorRegister', { deviceId: randomUUID() }, SALT);
  guest = (body as { data: PlainAccount }).data;
});

/** Routes with a rule of this kind, with an address that could be called. */
function routes(...who: Who[]): { method: string; path: string }[] {
  return Object.entries(RULES)
    .filter(([, rule]) => who.includes(rule))
    .map(([route]) => {
      const [method = '', url = ''] = route.split(' ');
      return { method, path: url.replace(':uuid', user.uuid).replace(/:\w+/g, '1').replace('*', 'x.png') };
    });
}

async function call(method: string, path: string, token?: string) {
  const { status, body } = await server.client.call(method, path, {
    ...(token === undefined ? {} : { token }),
    ...(method === 'POST' ? { json: {} } : {}),
  });
  return { status, body };
}

test('every route has a rule, and every rule a route', () => {
  const known = new Set(
    server.routes
      .filter(({ method }) => method !== 'HEAD' && method !== 'OPTIONS')
      .map(({ method, url }) => `${method} ${url}`),
  );
  expect([...known].filter((route) => !(route in RULES)).sort()).toEqual([]);
  expect(Object.keys(RULES).filter((route) => !known.has(route))).toEqual([]);
});

test.each([
  ['no token', (): undefined => undefined, NO_TOKEN],
  ['something that is no token', (): string => 'nonsense', BAD_TOKEN],
  ['a token signed by somebody else', (): string => forged('another secret'), BAD_TOKEN],
  ['a token without a signature', (): string => unsigned(), BAD_TOKEN],
  ['a well-signed token that was never given', (): string => forged(secretOf(server)), BAD_TOKEN],
  ['the token of a session that was replaced', () => superseded.token, BAD_TOKEN],
  ['the token of a disabled account', () => disabled.token, DISABLED],
] as const)('with %s nothing below /api/chat answers', async (_name, token, refusal) => {
  for (const { method, path } of routes('user', 'visitor')) {
    expect(await call(method, path, token()), `${method} ${path}`).toEqual({ status: 400, body: refusal });
  }
});

test('a guest gets no further than the list of what guests may do', async () => {
  for (const { method, path } of routes('user')) {
    expect(await call(method, path, guest.token), `${method} ${path}`).toEqual({
      status: 400,
      body: VISITOR,
    });
  }
  for (const { method, path } of routes('visitor')) {
    const answer = await call(method, path, guest.token);
    expect(answer.body, `${method} ${path}`).not.toMatchObject({ data: VISITOR.data });
  }
});

test('other spellings of an address do not get around the check', async () => {
  const spellings = [
    '/api/%63hat/searchUser',
    '/api/chat/searchUser/',
    '/api//chat/searchUser',
    '/api/./chat/searchUser',
    '/api/chat/../chat/searchUser',
    '/API/CHAT/searchUser',
    '/api/chat/%73earchUser',
    '/api/chat/sync/../searchUser',
    '/api/chat/read%2f..%2fsearchUser',
  ];
  for (const path of spellings) {
    for (const token of [undefined, guest.token]) {
      const { status, body } = await call('POST', path, token);
      expect(status, path).toBeGreaterThanOrEqual(400);
      expect(JSON.stringify(body), path).not.toContain('uuid');
    }
  }
});

test('the signed endpoints answer nobody without a signature', async () => {
  for (const { method, path } of routes('signed')) {
    expect(await call(method, path), path).toEqual({ status: 400, body: { msg: 'fail', data: '非法访问' } });
  }
});

test('the console lets in no chat token, no role that a client claims, and not the secret of the command line', async () => {
  for (const token of [undefined, user.token, guest.token]) {
    for (const { method, path } of routes('administrator')) {
      const response = await fetch(server.origin + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(token === undefined
            ? {}
            : { token, authorization: `Bearer ${token}`, cookie: `magpie_admin=${token}` }),
        },
        ...(method === 'POST' ? { body: new URLSearchParams({ role: 'admin', administrator: '1' }) } : {}),
      });
      const isTurnedAway = response.status === 403 || response.headers.get('location') === '/admin/sign-in';
      expect(isTurnedAway, `${method} ${path}`).toBe(true);
      expect(await response.text(), `${method} ${path}`).toBe('');
    }
    for (const path of ['/admin/command', '/admin/backup', '/admin/backup-state'])
      expect((await call('POST', path, token)).status).toBe(403);
  }
});

test('nobody makes themselves an administrator, or anybody else, by what they send', async () => {
  const { client, directory } = server;
  const more = { role: 'admin', administrator: 1, status: 1, id: 1, uuid: randomUUID(), is_admin: true };
  await client.call('POST', '/api/regChat', { json: { username: 'mallory', password: 'secret12', ...more } });
  for (const fieldname of ['role', 'administrator', 'status', 'password', 'id', '__proto__', 'constructor']) {
    await client.call('POST', '/api/chat/updateUserinfo', {
      token: user.token,
      json: { fieldname, fieldValue: '1' },
    });
  }
  const rows = query(directory, 'SELECT DISTINCT role, administrator FROM account ORDER BY role');
  expect(rows).toEqual([
    { role: 'user', administrator: 0 },
    { role: 'visitor', administrator: 0 },
  ]);
});

test('ids cannot be counted through: somebody else’s thing answers like one that does not exist', async () => {
  const { client } = server;
  const other = await client.register('owner1');
  await client.call('POST', '/api/chat/complaint/create', {
    token: other.token,
    json: { target_id: user.id, target_type: 'single', reason: 'x' },
  });
  await client.call('POST', '/api/chat/askanswer/create', {
    token: other.token,
    json: { ask: 'a', answer: 'b', type: 'single', create_userId: other.id },
  });
  await client.data('POST', '/api/chat/applyfriend', { token: guest.token, json: { friend_id: other.id } });
  const list = await client.call('POST', '/api/chat/askanswer/list', {
    token: other.token,
    json: { type: 'single', userId: other.id },
  });
  const [{ id: answerId }] = (list.body as { data: [{ id: number }] }).data;
  const pairs: [string, string, (id: number) => string, number, (id: number) => object][] = [
    ['GET', 'a complaint', (id) => `/api/chat/complaint/detail/${id}`, 1, () => ({})],
    ['POST', 'changing it', (id) => `/api/chat/complaint/update/${id}`, 1, () => ({ content: 'x' })],
    ['POST', 'removing it', (id) => `/api/chat/complaint/delete/${id}`, 1, () => ({})],
    ['POST', 'an answer', () => '/api/chat/askanswer/detail', answerId, (id) => ({ id })],
    ['POST', 'removing an answer', () => '/api/chat/askanswer/delete', answerId, (id) => ({ id })],
    ['POST', 'an application', (id) => `/api/chat/handleapply/${id}`, 1, () => ({ status: 'agree' })],
  ];
  for (const [method, name, path, id, json] of pairs) {
    const ask = (asked: number) =>
      client.call(method, path(asked), {
        token: user.token,
        ...(method === 'POST' ? { json: json(asked) } : {}),
      });
    const [theirs, none] = [await ask(id), await ask(id + 987_654)];
    expect({ status: theirs.status, body: theirs.body }, name).toEqual({
      status: none.status,
      body: none.body,
    });
  }
});

test('no answer holds a password, its hash, a secret or the token of anybody else', async () => {
  const { client, directory } = server;
  const hashes = query(directory, "SELECT password_hash FROM account WHERE password_hash <> ''") as {
    password_hash: string;
  }[];
  const secret = readFileSync(join(directory, 'token-secret'), 'utf8').trim();
  const forbidden = [
    ...hashes.map((row) => row.password_hash),
    secret,
    superseded.token,
    guest.token,
    '$argon2',
  ];
  const looks: [string, string, object?][] = [
    ['GET', `/api/userinfo/${superseded.uuid}`],
    ['POST', '/api/chat/searchUser', { keyword: '%' }],
    ['POST', '/api/chat/getUserSetInfo', { userid: superseded.id }],
    ['GET', '/api/chat/goodfriendlist/1'],
    ['GET', '/api/chat/sync'],
    ['GET', '/api/chat/complaint/list'],
    ['GET', '/public/../magpie.db'],
    ['GET', '/public/%2e%2e/token-secret'],
    ['GET', '/public/..%2fsetup-token'],
    ['GET', '/public/..%5cadmin-control.json'],
    ['GET', '/dictionaries/..%2fmagpie.db'],
    ['GET', '/dictionaries/%2e%2e%2ftoken-secret'],
  ];
  for (const [method, path, json] of looks) {
    const { text } = await client.call(method, path, {
      token: user.token,
      ...(json === undefined ? {} : { json }),
    });
    for (const word of forbidden) expect(text.includes(word), `${method} ${path}`).toBe(false);
  }
});

/** Two people in a group with a message and a file in it, and somebody who has nothing to do with it. */
async function groupWithFile() {
  const { client } = server;
  const tag = randomUUID().slice(0, 6);
  const [owner, member, outsider] = [
    await client.register(`owner${tag}`),
    await client.register(`membr${tag}`),
    await client.register(`other${tag}`),
  ];
  const groups = new GroupCalls(client);
  const group = await groups.found(owner, [member]);
  const address = await client.upload(owner, 'chatImgs', 'secret.png', png(16, 16, [1, 2, 3]));
  await groups.send(owner, group, `see ${address}`);
  return { client, groups, group, address, owner, member, outsider };
}

test('a group tells an outsider what it tells of a group that does not exist', async () => {
  const { client, group, outsider } = await groupWithFile();
  const calls: [string, (id: number) => string, ((id: number) => object)?][] = [
    ['GET', (id) => `groupRequests/${id}`],
    ['GET', (id) => `groupMarks/${id}`],
    ['GET', (id) => `groupReaders/${id}?seq=1`],
    ['GET', (id) => `groupQrcode/${id}`],
    ['GET', (id) => `history?chatType=group&id=${id}`],
    ['POST', () => 'groupnickname', (id) => ({ id, nickname: 'x' })],
    ['POST', () => 'groupUpdateName', (id) => ({ id, name: 'x' })],
    ['POST', () => 'groupremark', (id) => ({ id, remark: 'x' })],
    ['POST', () => 'groupDeleteUser', (id) => ({ group_id: id, user_id: outsider.id })],
    ['POST', () => 'groupAddUserSet', (id) => ({ group_id: id, addGroupSet: 0 })],
    ['POST', () => 'groupAgreeOrNo', (id) => ({ group_id: id, user_id: outsider.id, type: 'agree' })],
    ['POST', () => 'groupReadReceipts', (id) => ({ group_id: id, enabled: '0' })],
    ['POST', () => 'read', (id) => ({ chatType: 'group', id, seq: 1 })],
  ];
  for (const [method, path, json] of calls) {
    const ask = async (id: number) => {
      const { status, body } = await client.call(method, `/api/chat/${path(id)}`, {
        token: outsider.token,
        ...(json === undefined ? {} : { json: json(id) }),
      });
      return { status, body };
    };
    expect(await ask(group), `${method} ${path(group)}`).toEqual(await ask(987_654));
  }
  // Its profile is public, because the page on which one joins shows it; what was said in it is not.
  const { text } = await client.call('GET', `/api/chat/groupinfo/${group}`, { token: outsider.token });
  expect(text).not.toContain('see /public');
});

test('a member is no owner, whatever they claim, and a guest no member', async () => {
  const { client, groups, group, owner, member, outsider } = await groupWithFile();
  await groups.setPolicy(owner, group, 1);
  const as = async (who: PlainAccount, path: string, json: object) => {
    const { status, body } = await client.call('POST', `/api/chat/${path}`, { token: who.token, json });
    return { status, body: body as { data: unknown } };
  };
  const claim = { user_id: owner.id, owner_id: owner.id, create_userId: owner.id, token: owner.token };
  const attempts: [string, object][] = [
    ['groupUpdateName', { id: group, name: 'mine', ...claim }],
    ['groupremark', { id: group, remark: 'mine', ...claim }],
    ['groupAddUserSet', { group_id: group, addGroupSet: 0, ...claim }],
    ['groupDeleteUser', { ...claim, group_id: group, user_id: owner.id }],
    ['groupAgreeOrNo', { ...claim, group_id: group, user_id: outsider.id, type: 'agree' }],
    ['groupReadReceipts', { group_id: group, enabled: '0', ...claim }],
  ];
  for (const who of [member, outsider, guest]) {
    for (const [path, json] of attempts) expect((await as(who, path, json)).status, path).toBe(400);
  }
  // To claim that the owner invites does not get around the owner.
  const invited = await as(outsider, 'groupInviteUser', {
    group_id: group,
    user_id: outsider.id,
    inviteuser_id: owner.id,
  });
  expect(invited.body.data).toBe('等待群主同意');
  const sent = await as(outsider, 'socket/sendmessage', {
    sendto_id: group,
    chatType: 'group',
    type: 'text',
    data: 'x',
  });
  expect(sent.status).toBe(400);
  const { text } = await client.call('GET', `/api/chat/groupinfo/${group}`, { token: owner.token });
  expect(JSON.parse(text)).toMatchObject({ data: { user_id: owner.id, remark: '', invite_confirm: 1 } });
  expect(text).not.toContain('"name":"mine"');
});

test('a file is there for those who were sent it, and for nobody else, under no name', async () => {
  const { client, groups, group, address, owner, member, outsider } = await groupWithFile();
  const load = (who: PlainAccount | undefined, path = address) =>
    client.call('GET', path, who === undefined ? {} : { token: who.token });
  expect((await load(owner)).status).toBe(200);
  expect((await load(member)).status).toBe(200);
  const missing = await load(outsider, address.replace(/\d+_/, '1_'));
  for (const stranger of [undefined, outsider, guest]) {
    const answer = await load(stranger);
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: missing.status,
      body: missing.body,
    });
  }
  // Naming it does not make it one's own: neither in a message, nor in a complaint, nor as a picture of oneself.
  await client.sendText(outsider, guest.id, `look ${address}`).catch(() => undefined);
  await client.call('POST', '/api/chat/complaint/create', {
    token: outsider.token,
    json: { target_id: owner.id, target_type: 'single', reason: 'x', images: [address] },
  });
  await client.call('POST', '/api/chat/updateUserinfo', {
    token: outsider.token,
    json: { fieldname: 'avatar', fieldValue: address },
  });
  expect((await load(outsider)).status).toBe(404);
  expect((await load(guest)).status).toBe(404);
  // Who left keeps what they saw, and gets nothing that came later.
  await groups.remove(owner, group, member.id);
  const later = await client.upload(owner, 'chatImgs', 'later.png', png(16, 16, [4, 5, 6]));
  await groups.send(owner, group, `see ${later}`);
  expect((await load(member)).status).toBe(200);
  expect((await load(member, later)).status).toBe(404);
});

test('an upload under way belongs to whom began it', async () => {
  const { client, owner, outsider } = await groupWithFile();
  const id = randomUUID();
  const json = { id, name: 'a.png', size: 100, sha256: 'a'.repeat(64), folder: 'chatImgs' };
  expect((await client.call('POST', '/api/chat/uploads', { token: owner.token, json })).status).toBe(200);
  const put = async (which: string) => {
    const { status, body } = await client.call('PUT', `/api/chat/uploads/${which}?offset=0`, {
      token: outsider.token,
      raw: Buffer.from('planted'),
      headers: { 'content-type': 'application/octet-stream' },
    });
    return { status, body };
  };
  expect(await put(id)).toEqual(await put(randomUUID()));
  await client.call('DELETE', `/api/chat/uploads/${id}`, { token: outsider.token });
  const again = await client.call('POST', '/api/chat/uploads', { token: owner.token, json });
  expect(again.body).toMatchObject({ msg: 'ok', data: { offset: 0 } });
});

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function claims(): string {
  return part({ id: user.id, role: 'user', iat: Math.floor(Date.now() / 1000) });
}

function forged(secret: string | Buffer): string {
  const text = `${part({ alg: 'HS256' })}.${claims()}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

function unsigned(): string {
  return `${part({ alg: 'none' })}.${claims()}.`;
}

function secretOf({ directory }: TestServer): Buffer {
  return Buffer.from(readFileSync(join(directory, 'token-secret'), 'utf8').trim(), 'hex');
}

test('no answer of the API is kept, taken for something it is not, or tells what made it', async () => {
  const { origin } = await testServer();
  for (const path of ['/api/capabilities', '/api/chat/friendlist/1', '/api/nowhere']) {
    const { headers } = await fetch(origin + path);
    expect(headers.get('x-content-type-options'), path).toBe('nosniff');
    expect(headers.get('cache-control'), path).toBe('no-store');
    for (const teller of ['server', 'x-powered-by', 'via']) expect(headers.get(teller), path).toBeNull();
  }
  const picture = await fetch(`${origin}/public/chat/user.png`);
  expect(picture.headers.get('cache-control')).toContain('max-age');
});
