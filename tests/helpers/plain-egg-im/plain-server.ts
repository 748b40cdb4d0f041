/**
 * A plain `egg-im` server, written from the protocol description alone and without any of our extensions: no
 * capabilities, no numbers, no client ids, no reasons for closing a socket, and the quirks that a client must live with
 * (an old socket's end closes the new one, unknown paths answer 200, the queue is emptied while it is being pushed).
 * It keeps everything in memory.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { avatarNotice, connectNotices } from './connect-notices.ts';
import { sign } from './plain-client.ts';
import type { Bucket } from './bucket.ts';
import { PlainFiles, STORAGE_PATH, UPLOAD_PATH } from './plain-files.ts';
import { PlainGroups } from './plain-groups.ts';
import { Refusal } from './refusal.ts';

const HOST = '127.0.0.1';
const SALT = 'magpie-guest';
const RECALL_LIMIT = 5 * 60_000;
const GUEST_LIMIT = 5;

interface Account {
  id: number;
  uuid: string;
  username: string;
  password: string;
  nickname: string;
  avatar: string;
  /** As in the database; a token may say less. */
  role: 'user' | 'visitor';
  status: 0 | 1;
  device: string;
  avatarChanged: boolean;
}

interface Call {
  path: string;
  body: Record<string, unknown>;
  headers: IncomingMessage['headers'];
  account: Account;
}

export interface PlainServerOptions {
  port?: number;
  /** The server's clock; milliseconds since the epoch. */
  now?: () => number;
}

export class PlainServer {
  readonly #http = createServer((request, response) => void this.#answer(request, response));
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #accounts = new Map<number, Account>();
  /** Live tokens, one per account (redis of the original), and what every token that was ever given says. */
  readonly #live = new Map<number, string>();
  readonly #given = new Map<string, { id: number; role: 'user' | 'visitor' }>();
  readonly #online = new Map<number, WebSocket>();
  readonly #queues = new Map<number, object[]>();
  readonly #friends = new Map<number, Set<number>>();
  readonly #applications: { id: number; from: number; to: number; text: string; status: string }[] = [];
  readonly #guestCalls = new Map<string, number>();
  readonly #files = new PlainFiles();
  readonly #groups = new PlainGroups({
    account: (id) => this.#accounts.get(id),
    deliver: (id, message) => this.#deliver(id, message),
    now: () => this.#now(),
  });
  readonly #now: () => number;
  /** Whether the answer to this path gets lost after the work was done. */
  losesAnswer: (path: string) => boolean = () => false;
  /** Calls so far, by path. */
  readonly calls: string[] = [];
  /** Messages that the server took from people, in its order. */
  readonly accepted: { id: string; from_id: number; to_id: number; text: string }[] = [];
  /** How often a socket was opened. */
  opened = 0;

  private constructor(options: PlainServerOptions) {
    this.#now = options.now ?? Date.now;
    this.#http.on('upgrade', (request, socket, head) => {
      const url = new URL(request.url ?? '/', 'http://plain');
      if (url.pathname !== '/ws') {
        socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (web) => this.#connect(web, url));
    });
  }

  static async start(options: PlainServerOptions = {}): Promise<PlainServer> {
    const server = new PlainServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#http.once('error', reject);
      server.#http.listen(options.port ?? 0, HOST, resolve);
    });
    return server;
  }

  /** Object storage for E41. */
  set bucket(bucket: Bucket | null) {
    this.#files.bucket = bucket;
  }

  get origin(): string {
    return `http://${HOST}:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Tears every line down; the accounts, queues and tokens stay for {@link listenAgain}. */
  async stop(): Promise<void> {
    for (const web of this.#sockets.clients) web.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async listenAgain(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#http.listen(port, HOST, resolve));
  }

  /** Ends sockets without a code, as the original does with every reason. */
  closeSockets(id: number): void {
    this.#online.get(id)?.close();
  }

  /** The live token of an account. */
  tokenOf(username: string): string {
    return this.#live.get(this.#byName(username)?.id ?? 0) ?? '';
  }

  disable(username: string): void {
    const account = this.#byName(username);
    if (account !== undefined) account.status = 0;
  }

  #byName(username: string): Account | undefined {
    return [...this.#accounts.values()].find((one) => one.username === username);
  }

  // --- sockets -------------------------------------------------------------------------------------------------

  #connect(web: WebSocket, url: URL): void {
    this.opened += 1;
    const refuse = (text: string) => {
      web.send(JSON.stringify({ msg: 'fail', data: text }));
      web.close();
    };
    const token = url.searchParams.get('token') ?? '';
    // The live token is not asked for: Q4.
    const given = this.#given.get(token);
    if (token === '') return refuse('缺少 token 参数');
    if (given === undefined) return refuse('Token 不合法');
    const account = this.#accounts.get(given.id);
    if (account === undefined) return refuse('用户不存在');
    if (account.status === 0) return refuse('你已被管理员禁用');
    this.#online.set(account.id, web);
    const ping = setInterval(() => web.send('{"type":"ping"}'), 30_000);
    web.on('message', (data) => {
      if (String(data).includes('"ping"')) web.send(JSON.stringify({ type: 'pong', timestamp: this.#now() }));
    });
    web.on('close', () => {
      clearInterval(ping);
      // Q8: whatever socket the account has by now goes along.
      const present = this.#online.get(account.id);
      this.#online.delete(account.id);
      if (present !== undefined && present !== web) present.close();
    });
    const target = { ...account, role: given.role };
    if (account.avatarChanged && given.role === 'user')
      this.#push(account.id, avatarNotice(target, this.#now()));
    account.avatarChanged = false;
    web.send(JSON.stringify({ type: 'system', data: '欢迎您访问我们的系统！', timestamp: this.#now() }));
    for (const notice of connectNotices(target, this.#now())) this.#push(account.id, notice);
  }

  #push(id: number, message: object): boolean {
    const web = this.#online.get(id);
    if (web === undefined || web.readyState !== web.OPEN) return false;
    web.send(JSON.stringify({ type: 'singleChat', data: message, timestamp: this.#now() }));
    return true;
  }

  #deliver(id: number, message: object): void {
    if (this.#push(id, message)) return;
    this.#queues.set(id, [...(this.#queues.get(id) ?? []), message]);
  }

  // --- calls ---------------------------------------------------------------------------------------------------

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://plain').pathname;
    this.calls.push(path);
    if (this.#files.answer(path, response)) return;
    let status = 200;
    let body: object;
    try {
      body = { msg: 'ok', data: await this.#take(request, path) };
    } catch (thrown) {
      status = thrown instanceof Refusal ? thrown.status : 500;
      body = { msg: 'fail', data: thrown instanceof Refusal ? thrown.message : 'Internal Server Error' };
    }
    if (this.losesAnswer(path)) {
      request.socket.destroy();
      return;
    }
    response.sendDate = false;
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      date: new Date(this.#now()).toUTCString(),
    });
    response.end(JSON.stringify(body));
  }

  async #take(request: IncomingMessage, path: string): Promise<unknown> {
    if (!path.startsWith(UPLOAD_PATH) && path !== STORAGE_PATH)
      return this.#handle(request, path, await readJson(request));
    this.#authenticate(String(request.headers['token'] ?? ''));
    if (path === STORAGE_PATH) return this.#files.store(request);
    return this.#files.take(request, path.slice(UPLOAD_PATH.length));
  }

  #handle(request: IncomingMessage, path: string, body: Record<string, unknown>): unknown {
    const { headers } = request;
    switch (path) {
      case '/api/regChat':
        return this.#signedIn(this.#register(body), 'user');
      case '/api/loginChat':
        return this.#signedIn(this.#checkPassword(body), 'user');
      case '/api/visitorRegister':
        this.#checkSignature(body, headers);
        return this.#signedIn(this.#guest(String(body['deviceId'])), 'visitor');
      case '/api/visitorregChat': {
        this.#checkSignature(body, headers);
        const guest = [...this.#accounts.values()].find(({ device }) => device === body['deviceId']);
        if (guest === undefined) return this.#signedIn(this.#register(body), 'user');
        this.#checkName(body);
        Object.assign(guest, { username: body['username'], password: body['password'], role: 'user' });
        return this.#signedIn(guest, 'user');
      }
      case '/api/visitorloginChat':
        this.#checkSignature(body, headers);
        return this.#signedIn(this.#checkPassword(body), 'user');
      default:
    }
    // Unknown paths answer 200, with or without a token: Q34.
    if (!path.startsWith('/api/chat/')) throw new Refusal('404 错误', 200);
    const account = this.#authenticate(String(headers['token'] ?? ''));
    const [name = '', argument = ''] = path.slice('/api/chat/'.length).split('/');
    return this.#member(name, argument, { path, body, headers, account });
  }

  #member(name: string, argument: string, { body, account }: Call): unknown {
    switch (name) {
      case 'logout':
        this.#live.delete(account.id);
        return true;
      case 'chatGetmessageOffLine': {
        const queue = this.#queues.get(account.id) ?? [];
        // Not online: the messages are queued again, order kept.
        if (this.#online.has(account.id)) {
          this.#queues.delete(account.id);
          for (const message of queue) this.#push(account.id, message);
        }
        return 'ok';
      }
      case 'socket':
        if (argument !== 'sendmessage') break;
        return body['chatType'] === 'group' ? this.#groups.send(account, body) : this.#send(account, body);
        break;
      case 'revokeMessage':
        return this.#recall(account, body);
      case 'updateUserinfo': {
        const field = body['fieldname'];
        if (field === 'nickname') account.nickname = String(body['fieldValue']);
        if (field === 'avatar') account.avatar = String(body['fieldValue']);
        account.avatarChanged = field === 'avatar';
        return '头像更新成功';
      }
      case 'getUserSetInfo': {
        const other = this.#accounts.get(Number(body['userid']));
        if (other === undefined) throw new Refusal('用户不存在或者为游客，无法加为好友');
        const isFriend = this.#friends.get(other.id)?.has(account.id) ?? false;
        return {
          id: other.id,
          uuid: other.uuid,
          userset: '',
          invite_confirm: 0,
          isgoodfriend: isFriend,
          isgoodfriend_status: true,
        };
      }
      case 'searchUser':
        return [...this.#accounts.values()]
          .filter((one) => one.role === 'user' && one.id !== account.id)
          .filter((one) => one.username.includes(String(body['keyword'])))
          .map(({ id, username, avatar, role, uuid, nickname }) => ({
            id,
            username,
            avatar,
            role,
            uuid,
            nickname,
          }));
      case 'applyfriend':
        return this.#apply(account, body);
      case 'autoAddFriendAndAgree':
        return this.#befriend(account, Number(body['friend_id']));
      case 'listapplyfriend':
        return { alldata: [], pendingCount: this.#pending(account.id) };
      case 'goodfriendlist':
        return this.#contacts(account);
      default:
    }
    const answer = this.#groups.call(name, argument, { account, body });
    if (answer !== undefined) return answer;
    throw new Refusal('404 错误', 200);
  }

  #authenticate(token: string): Account {
    if (token === '') throw new Refusal('您没有权限访问即时通讯接口');
    const given = this.#given.get(token);
    // Q5: what the verifier does not like becomes an exception.
    if (given === undefined) throw new Error('token');
    if (this.#live.get(given.id) !== token) throw new Refusal('Token 令牌不合法！');
    const account = this.#accounts.get(given.id);
    if (account === undefined || account.status === 0) throw new Refusal('当前用户不存在或者已被禁用');
    return account;
  }

  /** Forgets all tokens, as a server does whose secret was changed. */
  changeSecret(): void {
    this.#given.clear();
  }

  #signedIn(account: Account, role: 'user' | 'visitor'): object {
    if (account.status === 0) throw new Refusal('账号不存在或者被禁用');
    const token = `${randomBytes(9).toString('base64url')}.${account.id}.sig`;
    this.#live.set(account.id, token);
    this.#given.set(token, { id: account.id, role });
    const { id, uuid, username, nickname, avatar, status } = account;
    return { id, uuid, username, nickname, avatar, status, role, userset: '', invite_confirm: 0, token };
  }

  #checkName({ username, password }: Record<string, unknown>): void {
    if (typeof username !== 'string' || username.length < 4 || username.length > 20)
      throw new Refusal('账号 的长度 必须 在 4 和 20 之间', 422);
    if (typeof password !== 'string' || password.length < 6 || password.length > 20)
      throw new Refusal('密码 的长度 必须 在 6 和 20 之间', 422);
    if (this.#byName(username) !== undefined) throw new Refusal('该账号已存在，请换一个账号注册');
  }

  #register(body: Record<string, unknown>): Account {
    this.#checkName(body);
    return this.#create(String(body['username']), String(body['password']), 'user', '');
  }

  #create(username: string, password: string, role: 'user' | 'visitor', device: string): Account {
    const id = this.#accounts.size + 1;
    const account: Account = {
      ...{ id, uuid: randomUUID(), username, password, nickname: '', avatar: '/chat/user.jpg' },
      ...{ role, status: 1, device, avatarChanged: false },
    };
    this.#accounts.set(id, account);
    return account;
  }

  #checkPassword({ username, password }: Record<string, unknown>): Account {
    const account = this.#byName(String(username));
    if (account === undefined || account.status === 0) throw new Refusal('账号不存在或者被禁用');
    if (account.password !== password) throw new Refusal('账户或密码错误');
    return account;
  }

  #checkSignature(body: Record<string, unknown>, headers: IncomingMessage['headers']): void {
    const [device, timestamp] = [String(body['deviceId']), Number(body['timestamp'])];
    if (headers['x-security-sign'] !== sign(device, timestamp, SALT)) throw new Refusal('非法签名');
    if (this.#now() - timestamp > 300_000) throw new Refusal('请求已过期');
    if (!/^[\w-]{36}$/u.test(device)) throw new Refusal('无效标识');
    const calls = (this.#guestCalls.get(device) ?? 0) + 1;
    this.#guestCalls.set(device, calls);
    if (calls > GUEST_LIMIT) throw new Refusal('请求过于频繁，请1个小时后再试');
  }

  #guest(device: string): Account {
    const known = [...this.#accounts.values()].find((one) => one.device === device);
    return known ?? this.#create(`VIS${device.slice(0, 8)}`, randomUUID(), 'visitor', device);
  }

  #send(from: Account, body: Record<string, unknown>): object {
    const to = this.#accounts.get(Number(body['sendto_id']));
    if (to === undefined || to.status !== 1) throw new Refusal('对方不存在或者被禁用，不能发消息');
    const message = {
      id: randomUUID(),
      from_avatar: from.avatar,
      from_name: from.nickname || from.username,
      from_id: from.id,
      to_id: to.id,
      to_name: to.nickname || to.username,
      to_avatar: to.avatar,
      chatType: 'single',
      type: String(body['type']),
      data: typeof body['data'] === 'string' ? body['data'] : JSON.stringify(body['data']),
      options: {},
      create_time: this.#now(),
      isremove: 0,
      sendUUid: from.uuid,
    };
    const { data } = JSON.parse(message.data) as { data: string };
    this.accepted.push({ id: message.id, from_id: from.id, to_id: to.id, text: data });
    this.#deliver(to.id, message);
    return message;
  }

  /** Nothing is checked but the age, and nothing is stored. */
  #recall(from: Account, body: Record<string, unknown>): object {
    const created = Number(body['create_time']);
    const [name, avatar] = [String(body['to_name'] ?? ''), String(body['to_avatar'] ?? '')];
    if (name.length < 1 || name.length > 50) throw new Refusal('接收者名称 的长度 必须 在 1 和 50 之间', 422);
    if (avatar.length < 10 || avatar.length > 1_000)
      throw new Refusal('接收者头像 的长度 必须 在 10 和 1000 之间', 422);
    if (!(created >= 1_000_000_000_000 && created <= this.#now()))
      throw new Refusal('消息时间 的数值 必须 在 1000000000000 和 现在 之间', 422);
    if (this.#now() - created > RECALL_LIMIT) throw new Refusal('消息超过5分钟，不能撤回');
    const notice = {
      id: String(body['id']),
      from_avatar: from.avatar,
      from_name: from.nickname || from.username,
      from_id: from.id,
      to_id: Number(body['to_id']),
      to_name: name,
      to_avatar: avatar,
      chatType: 'single',
      type: 'systemNotice',
      actionType: 'revoke',
      data: { data: `${from.nickname || from.username}撤回了一条消息`, dataType: false, otherData: null },
      options: {},
      create_time: this.#now(),
      isremove: 0,
      group: null,
    };
    this.#deliver(Number(body['to_id']), notice);
    return notice;
  }

  // --- friends -------------------------------------------------------------------------------------------------

  #apply(from: Account, body: Record<string, unknown>): string {
    const to = Number(body['friend_id']);
    if (this.#applications.some((one) => one.from === from.id && one.to === to && one.status === 'pending'))
      throw new Refusal('您已经申请过了，请勿重复申请');
    const text = String(body['nickname'] ?? '');
    this.#applications.push({
      id: this.#applications.length + 1,
      from: from.id,
      to,
      text,
      status: 'pending',
    });
    const target = this.#accounts.get(to);
    if (target === undefined) throw new Refusal('添加的好友不存在');
    const key = `redirect-applyFriend-${from.id}`;
    this.#deliver(to, {
      id: randomUUID(),
      from_avatar: '/chat/group.png',
      from_name: '好友申请提醒',
      from_id: key,
      to_id: to,
      to_name: target.username,
      to_avatar: target.avatar,
      chatType: 'single',
      type: 'text',
      data: { data: `用户[${from.username}]申请添加您为好友，请尽快处理`, dataType: false, otherData: null },
      options: {},
      create_time: this.#now(),
      isremove: 0,
      redirect: { url: '/pages/applyMyfriend/applyMyfriend', type: 'navigateTo' },
      msgidKey: key,
    });
    return 'ok';
  }

  #befriend(from: Account, toId: number): string {
    const to = this.#accounts.get(toId);
    if (to === undefined) throw new Refusal('添加的好友不存在');
    const id = randomUUID();
    for (const [mine, theirs] of [
      [from, to],
      [to, from],
    ] as const) {
      this.#friends.set(mine.id, new Set([...(this.#friends.get(mine.id) ?? []), theirs.id]));
      this.#deliver(mine.id, {
        id,
        from_avatar: theirs.avatar,
        from_name: theirs.nickname || theirs.username,
        from_id: theirs.id,
        to_id: mine.id,
        to_name: mine.nickname || mine.username,
        to_avatar: mine.avatar,
        chatType: 'single',
        type: 'systemNotice',
        data: { data: '我们已经是好友了，可以开始聊天了', dataType: false, otherData: null },
        options: {},
        create_time: this.#now(),
        isremove: 0,
      });
    }
    return 'ok';
  }

  #pending(id: number): number {
    return this.#applications.filter(({ to, status }) => to === id && status === 'pending').length;
  }

  #contacts(account: Account): object {
    const list = [...(this.#friends.get(account.id) ?? [])].flatMap((id) => {
      const other = this.#accounts.get(id);
      if (other === undefined) return [];
      const { username, avatar, nickname, uuid } = other;
      const name = nickname || username;
      return [{ id, beizhu: '', username, avatar, friend_nickname: nickname, friend_id: id, name, uuid }];
    });
    // Q10: without friends it is a list.
    const rows =
      list.length === 0 ? [] : { newList: [{ title: '#', list }], indexList: ['#'], total: list.length };
    return { count: list.length, rows };
  }
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
