import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http, { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  CancellationToken,
  configureRequestUrl,
  HttpExecutor,
  type RequestHeaders,
} from 'builder-util-runtime';
import { afterEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../../tests/helpers/temporary-folder.ts';
import { requestsThrough } from './network-requests.ts';

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The library's own code around requests that are made by us. */
function library() {
  const lines: string[] = [];
  class CountingAgent extends http.Agent {
    override createConnection(
      ...input: Parameters<http.Agent['createConnection']>
    ): ReturnType<http.Agent['createConnection']> {
      lines.push(String(input[0].port));
      return super.createConnection(...input);
    }
  }
  const agents = { plain: new CountingAgent(), secure: new CountingAgent() };
  class Executor extends HttpExecutor<http.ClientRequest> {
    override createRequest(options: object, callback: (response: never) => void) {
      return requestsThrough({ agents: () => agents }).createRequest(options, callback as never);
    }
    download(url: URL, destination: string, headers: RequestHeaders = {}): Promise<void> {
      const options = { headers };
      configureRequestUrl(url, options);
      return new Promise((resolve, reject) =>
        this.doDownload(
          options,
          {
            destination,
            options: { cancellationToken: new CancellationToken() },
            onCancel: () => undefined,
            callback: (thrown?: Error | null) => (thrown ? reject(thrown) : resolve()),
            responseHandler: null,
          } as never,
          0,
        ),
      );
    }
  }
  return { lines, executor: new Executor() };
}

test('what the library fetches takes the lines of the app, also where a redirect leads', async () => {
  const content = randomBytes(3_000_000);
  const there = await serve((request, response) => {
    response.writeHead(200, { 'content-length': content.length, 'x-range': String(request.headers.range) });
    response.end(content);
  });
  const here = await serve((_request, response) => {
    response.writeHead(302, { location: `${there}/file` }).end();
  });
  const { executor, lines } = library();
  const path = join(temporaryFolder('requests'), 'file');
  await executor.download(new URL('/file', here), path);
  const sum = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  expect(sum(readFileSync(path))).toBe(sum(content));
  expect(lines).toEqual([new URL(here).port, new URL(there).port]);
});

test('a refusal and a line that breaks are told to the library', async () => {
  const refusing = await serve((_request, response) => void response.writeHead(404).end('nothing here'));
  const breaking = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': 1_000 });
    response.write('x', () => response.destroy());
  });
  const { executor } = library();
  const path = join(temporaryFolder('requests'), 'file');
  await expect(executor.download(new URL(refusing), path)).rejects.toThrow('404');
  await expect(executor.download(new URL(breaking), path)).rejects.toThrow(/aborted|hang up/u);
});
