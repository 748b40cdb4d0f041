/**
 * A plain `egg-im` client, written from the protocol description alone. It shares no code with the product: what it can
 * do against our server, any client of that protocol can.
 */
import { createHash } from 'node:crypto';
import { WebSocket } from 'ws';

export interface Answer {
  status: number;
  contentType: string;
  /** Body as it came. */
  bytes: Buffer;
  text: string;
  /** Parsed JSON, or the text when it is none. */
  body: unknown;
}

export interface PlainAccount {
  id: number;
  uuid: string;
  username: string;
  token: string;
  role: string;
  [field: string]: unknown;
}

/** As many accounts as there are names. */
export type AccountsOf<Names extends readonly string[]> = { [Index in keyof Names]: PlainAccount };

export type Frame = Record<string, unknown>;

/** Signature of the guest endpoints: section 3.5. */
export function sign(deviceId: string, timestamp: number | string, salt: string): string {
  const base = `deviceId=${deviceId}&salt=${salt}&timestamp=${timestamp}`;
  return createHash('sha256').update(`${base}APP_SECRET`).digest('hex');
}

export class PlainClient {
  readonly origin: string;

  constructor(origin: string) {
    this.origin = origin;
  }

  async call(
    method: string,
    path: string,
    options: {
      token?: string;
      json?: unknown;
      form?: string;
      raw?: string | Uint8Array;
      /** One file in a multipart body. */
      file?: { field: string; name: string; content: Uint8Array; fields?: Record<string, string> };
      headers?: Record<string, string>;
    } = {},
  ): Promise<Answer> {
    const headers: Record<string, string> = { ...options.headers };
    let body: string | Uint8Array | FormData | undefined = options.raw;
    if (options.token !== undefined) headers['token'] = options.token;
    if (options.json !== undefined) {
      headers['content-type'] = 'application/json';
      body = JSON.stringify(options.json);
    } else if (options.form !== undefined) {
      headers['content-type'] = 'application/x-www-form-urlencoded';
      body = options.form;
    } else if (options.file !== undefined) {
      const { field, name, content, fields } = options.file;
      body = new FormData();
      for (const [key, value] of Object.entries(fields ?? {})) body.set(key, value);
      body.set(field, new Blob([content as Uint8Array<ArrayBuffer>]), name);
    }
    const response = await fetch(this.origin + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: body as BodyInit }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString('utf8');
    let parsed: unknown = text;
    try {
      parsed = JSON.parse(text);
    } catch {
      // An image or one of the two HTML pages.
    }
    const contentType = response.headers.get('content-type') ?? '';
    return { status: response.status, contentType, bytes, text, body: parsed };
  }

  /** Payload of a success; anything else is thrown with the server's sentence. */
  async data(method: string, path: string, options?: Parameters<PlainClient['call']>[2]): Promise<unknown> {
    const answer = await this.call(method, path, options);
    const { msg, data } = answer.body as { msg?: unknown; data?: unknown };
    if (answer.status !== 200 || msg !== 'ok') throw new Error(`${answer.status} ${String(data)}`);
    return data;
  }

  async register(username: string, password = 'secret12'): Promise<PlainAccount> {
    return (await this.data('POST', '/api/regChat', { json: { username, password } })) as PlainAccount;
  }

  /** One account for each name. */
  async registerAll<Names extends readonly string[]>(...names: Names): Promise<AccountsOf<Names>> {
    const accounts: PlainAccount[] = [];
    for (const name of names) accounts.push(await this.register(name));
    return accounts as AccountsOf<Names>;
  }

  /** The same, each a friend of all others. */
  async registerFriends<Names extends readonly string[]>(...names: Names): Promise<AccountsOf<Names>> {
    const accounts = await this.registerAll(...names);
    for (const [index, one] of accounts.entries())
      for (const other of accounts.slice(index + 1)) await this.befriend(one, other);
    return accounts;
  }

  async login(username: string, password = 'secret12'): Promise<PlainAccount> {
    return (await this.data('POST', '/api/loginChat', { json: { username, password } })) as PlainAccount;
  }

  guestCall(
    endpoint: 'visitorRegister' | 'visitorregChat' | 'visitorloginChat',
    fields: { deviceId: string; timestamp?: number; [name: string]: unknown },
    salt: string,
  ): Promise<Answer> {
    const timestamp = fields.timestamp ?? Date.now();
    return this.call('POST', `/api/${endpoint}`, {
      json: { ...fields, timestamp },
      headers: { 'X-Security-Sign': sign(fields.deviceId, timestamp, salt) },
    });
  }

  /** Text message the way the reference client sends it. Returns the message object. */
  async sendText(from: PlainAccount, toId: number, text: string, extra: object = {}): Promise<Frame> {
    return (await this.data('POST', '/api/chat/socket/sendmessage', {
      token: from.token,
      json: { ...textMessage(toId, text), ...extra },
    })) as Frame;
  }

  /** E40 the way the reference client does it. Returns the address relative to the origin. */
  async upload(account: PlainAccount, folder: string, name: string, content: Uint8Array): Promise<string> {
    const data = await this.data('POST', `/api/chat/uploadStreamSingleToServerDiy/${folder}`, {
      token: account.token,
      file: { field: 'file', name, content },
    });
    return (data as { url: string }).url;
  }

  /** Picture message the way the reference client sends it, with an absolute address. Returns the message object. */
  async sendImage(from: PlainAccount, toId: number, url: string): Promise<Frame> {
    const path = `${this.origin}${url}`;
    const typedata = { poster: '', duration: 0, path, imageData: path, progress: 0, sendStatus: 'pending' };
    return (await this.data('POST', '/api/chat/socket/sendmessage', {
      token: from.token,
      json: {
        sendto_id: toId,
        chatType: 'single',
        type: 'image',
        data: { data: path, dataType: 'image', otherData: { type: 'image', typedata } },
        options: encodeURIComponent(JSON.stringify(typedata)),
      },
    })) as Frame;
  }

  /** A document, as the mini-programs send it. */
  async sendFile(from: PlainAccount, toId: number, url: string, name: string): Promise<Frame> {
    const path = `${this.origin}${url}`;
    return (await this.data('POST', '/api/chat/socket/sendmessage', {
      token: from.token,
      json: {
        ...{ sendto_id: toId, chatType: 'single', type: 'pdf' },
        data: { data: path, dataType: 'pdf', otherData: { type: 'pdf', name } },
        options: '',
      },
    })) as Frame;
  }

  /** Any other kind, as the protocol describes it. Returns the message object. */
  async sendContent(
    from: PlainAccount,
    toId: number,
    type: string,
    content: { data: string; dataType: string; otherData: object },
  ): Promise<Frame> {
    return (await this.data('POST', '/api/chat/socket/sendmessage', {
      token: from.token,
      json: { sendto_id: toId, chatType: 'single', type, data: content, options: '' },
    })) as Frame;
  }

  async befriend(one: PlainAccount, other: PlainAccount): Promise<void> {
    await this.data('POST', '/api/chat/autoAddFriendAndAgree', {
      token: one.token,
      json: { friend_id: other.id },
    });
  }

  async flushOffline(account: PlainAccount): Promise<void> {
    await this.data('POST', '/api/chat/chatGetmessageOffLine', { token: account.token });
  }

  socket(path: string): PlainSocket {
    return new PlainSocket(this.origin.replace('http', 'ws') + path);
  }

  /** Opens the socket of an account and waits for the welcome. */
  async connect(account: PlainAccount, extraQuery = ''): Promise<PlainSocket> {
    const socket = this.socket(`/ws?token=${encodeURIComponent(account.token)}${extraQuery}`);
    await socket.next((frame) => frame['type'] === 'system');
    return socket;
  }
}

export function textMessage(toId: number, text: string): object {
  return {
    sendto_id: toId,
    chatType: 'single',
    type: 'text',
    data: { data: text, dataType: false, otherData: null },
    options: '%7B%7D',
  };
}

/** Text of a message object that a person sent. */
export function textOf(message: unknown): string {
  const { data } = message as { data: string };
  return (JSON.parse(data) as { data: string }).data;
}

/** N11 and N14 to N23: the entries that lead to pages of the app. */
export function isConnectNotice(frame: Frame): boolean {
  const { redirect, group } = (frame['data'] ?? {}) as { redirect?: unknown; group?: object | null };
  const isMarked = group !== undefined && group !== null && Object.keys(group).length === 0;
  return frame['type'] === 'singleChat' && redirect !== undefined && isMarked;
}

export class PlainSocket {
  readonly web: WebSocket;
  readonly frames: Frame[] = [];
  readonly #wakers = new Set<() => void>();
  /** Close code, once closed. */
  closed: number | undefined;
  /** HTTP status when the upgrade was refused. */
  refused: number | undefined;
  #read = 0;

  constructor(url: string) {
    this.web = new WebSocket(url, { perMessageDeflate: false });
    this.web.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString('utf8')) as Frame);
      this.#wake();
    });
    this.web.on('close', (code) => {
      this.closed = code;
      this.#wake();
    });
    this.web.on('unexpected-response', (_request, response) => {
      this.refused = response.statusCode ?? 0;
      response.resume();
      this.#wake();
    });
    this.web.on('error', () => this.#wake());
  }

  /** Messages (frames of type `singleChat`) received so far, without the notices that follow every connection. */
  get messages(): Frame[] {
    return this.frames
      .filter((frame) => frame['type'] === 'singleChat' && !isConnectNotice(frame))
      .map((frame) => frame['data'] as Frame);
  }

  /** The next frame that fits, looking only at frames after the last one returned. */
  async next(fits: (frame: Frame) => boolean = () => true): Promise<Frame> {
    let found: Frame | undefined;
    await this.until(() => {
      while (this.#read < this.frames.length) {
        const frame = this.frames[this.#read++];
        if (frame !== undefined && fits(frame)) {
          found = frame;
          return true;
        }
      }
      return false;
    });
    return found as Frame;
  }

  nextMessage(): Promise<Frame> {
    const isMessage = (frame: Frame): boolean => frame['type'] === 'singleChat' && !isConnectNotice(frame);
    return this.next(isMessage).then((frame) => frame['data'] as Frame);
  }

  async until(condition: () => boolean, milliseconds = 60_000): Promise<void> {
    const end = Date.now() + milliseconds;
    while (!condition()) {
      const left = end - Date.now();
      if (left <= 0)
        throw new Error(`gave up waiting; closed: ${this.closed}, frames: ${JSON.stringify(this.frames)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, Math.min(left, 250));
        const wakers = this.#wakers;
        function done(): void {
          clearTimeout(timer);
          wakers.delete(done);
          resolve();
        }
        wakers.add(done);
      });
    }
  }

  async untilClosed(): Promise<number> {
    await this.until(() => this.closed !== undefined || this.refused !== undefined);
    return this.closed ?? 0;
  }

  async close(): Promise<void> {
    if (this.closed !== undefined) return;
    this.web.close();
    await this.untilClosed();
  }

  #wake(): void {
    for (const waker of [...this.#wakers]) waker();
  }
}
