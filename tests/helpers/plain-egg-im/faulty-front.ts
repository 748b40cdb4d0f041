/**
 * A server of ours made to look like the original: a front that puts the mended faults back into its answers, so that
 * whatever has to live with them can be tried without the original.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';

const HOST = '127.0.0.1';
const EXCEPTION = { status: 500, body: { msg: 'fail', data: 'Internal Server Error' } };

interface Asked {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
}
interface Answered {
  status: number;
  body: unknown;
}

export interface FaultyFront {
  readonly origin: string;
  stop(): Promise<void>;
}

/** `breaks` damages answers beyond that: it gives the answer that is sent instead, or undefined. */
export async function startFaultyFront(
  target: string,
  breaks: (asked: Asked, answered: Answered) => Answered | undefined = () => undefined,
): Promise<FaultyFront> {
  const sockets = new Set<Socket>();
  /** Complaints that somebody may read who should not. */
  const complaints = new Map<string, unknown>();

  const asOriginal = ({ method, url, headers }: Asked, { status, body }: Answered): Answered | undefined => {
    const { msg, data } = (body ?? {}) as { msg?: unknown; data?: unknown };
    // Q5: what the verifier does not like becomes an exception.
    if (data === 'Token 令牌不合法！' && !String(headers['token']).startsWith('eyJ')) return EXCEPTION;
    // Q6
    if (data === '非法访问') return EXCEPTION;
    // Q14: nobody asks whose message it is.
    if (data === '消息不存在，不能撤回')
      return { status: 200, body: { msg: 'ok', data: { actionType: 'revoke' } } };
    // Q15
    if (url.pathname.includes('/groupQrcode/') && url.searchParams.get('chatType') === 'single')
      if (url.searchParams.get('type') !== 'H5') return EXCEPTION;
    // Q33
    if (data === '用户设置格式错误') return { status: 200, body: { msg: 'ok', data: 'ok' } };
    // Q34
    if (status === 404 && data === '404 错误') return { status: 200, body };
    if (method === 'GET' && url.pathname.includes('/complaint/detail/')) {
      if (status === 200) complaints.set(url.pathname, body);
      else if (complaints.has(url.pathname)) return { status: 200, body: complaints.get(url.pathname) };
    }
    if (url.pathname.includes('/complaint/delete/') && msg === '删除成功')
      complaints.delete(url.pathname.replace('/delete/', '/detail/'));
    return undefined;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET' } = request;
    const url = new URL(request.url ?? '/', target);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
    const got = await fetch(target + (request.url ?? '/'), {
      method,
      redirect: 'manual',
      headers: headers as Record<string, string>,
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
    const bytes = Buffer.from(await got.arrayBuffer());
    const contentType = got.headers.get('content-type') ?? '';
    if (contentType !== '') response.setHeader('content-type', contentType);
    const isJson = contentType.includes('json');
    const asked = { method, url, headers: request.headers };
    const answered = {
      status: got.status,
      body: isJson ? (JSON.parse(bytes.toString('utf8')) as unknown) : undefined,
    };
    const other = breaks(asked, answered) ?? asOriginal(asked, answered);
    if (other === undefined) {
      response.writeHead(got.status).end(bytes);
      return;
    }
    response.setHeader('content-type', 'application/json; charset=utf-8');
    response.writeHead(other.status).end(JSON.stringify(other.body));
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket: Socket) => {
    const inner = net.connect(Number(new URL(target).port), HOST, () => {
      // Q31: the router lets the slash pass.
      const path = (request.url ?? '').replace(/^\/ws\/(?=\?|$)/u, '/ws');
      const lines = [`GET ${path} HTTP/1.1`];
      for (let index = 0; index < request.rawHeaders.length; index += 2)
        lines.push(`${request.rawHeaders[index]}: ${request.rawHeaders[index + 1]}`);
      inner.write(`${lines.join('\r\n')}\r\n\r\n`);
      socket.pipe(inner).pipe(socket);
    });
    for (const [one, other] of [
      [socket, inner],
      [inner, socket],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return {
    origin: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
