/** Builds the server: storage, rules, HTTP and sockets. Listening is left to `server.ts`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Fastify, { LogController } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { clientAddress } from './address.ts';
import { inProcessBus } from './bus/in-process-bus.ts';
import type { ServerConfig } from './config.ts';
import { createDomain } from './domain/domain.ts';
import { Allowances } from './domain/throttle.ts';
import { loadSecret, tokenSigner } from './domain/tokens.ts';
import { registerAnswers } from './http/answers.ts';
import { registerAuthentication } from './http/authentication.ts';
import { parseQuery, registerBodies } from './http/bodies.ts';
import { registerCors } from './http/cors.ts';
import { Routing } from './http/routing.ts';
import { registerAccountRoutes } from './http/routes/accounts.ts';
import { registerFriendRoutes } from './http/routes/friends.ts';
import { registerMessageRoutes } from './http/routes/messages.ts';
import { registerSyncRoutes } from './http/routes/sync.ts';
import { registerStaticFiles } from './http/static-files.ts';
import { lockDataDirectory } from './storage/sqlite/data-lock.ts';
import { openSqliteStorage } from './storage/sqlite/sqlite-storage.ts';
import { createSocketServer } from './ws/socket-server.ts';

export interface App {
  readonly http: FastifyInstance;
  /** Ends sockets, then requests, then the storage. */
  stop(): Promise<void>;
}

export interface AppOptions {
  /** Milliseconds since 1970; only tests replace it. */
  now?: () => number;
}

/** Milliseconds for running requests to end when the server stops. */
const STOP_TIME = 5000;

/**
 * @throws {StorageUnusableError} when the database is damaged, newer than this program, or in use by another server
 */
export async function buildApp(config: ServerConfig, { now = Date.now }: AppOptions = {}): Promise<App> {
  mkdirSync(config.dataDirectory, { recursive: true, mode: 0o700 });
  const unlock = lockDataDirectory(config.dataDirectory);
  const storage = await opened(unlock, () =>
    openSqliteStorage(join(config.dataDirectory, 'magpie.db'), now()),
  );
  const http = createHttp(config);
  const moduleLog = (module: string) => http.log.child({ module });
  const bus = inProcessBus((error) => moduleLog('bus').error({ err: error }, 'listener failed'));
  const tokens = tokenSigner(loadSecret(config.dataDirectory), now);
  const domain = createDomain({ storage, bus, tokens, config, now, log: moduleLog('domain') });

  const addressOf = (request: { raw: Parameters<typeof clientAddress>[0] }): string =>
    clientAddress(request.raw, config.trustProxy);
  const requests = new Allowances({
    perSecond: config.requestsPerSecond,
    burst: config.requestsPerSecond * 10,
    now,
  });
  registerCors(http);
  http.addHook('onRequest', async (request) => requests.take(addressOf(request)));
  registerBodies(http);
  registerAnswers(http);
  registerAuthentication(http, domain.sessions);
  await registerStaticFiles(http, config.dataDirectory);
  const sockets = createSocketServer(http.server, domain, {
    config,
    now,
    log: moduleLog('ws'),
    mayAsk: (address) => requests.mayTake(address),
  });
  const routing = new Routing(http, addressOf);
  registerAccountRoutes(routing, domain);
  registerFriendRoutes(routing, domain);
  const { recallSeconds } = config;
  registerMessageRoutes(routing, domain, (...of) => sockets.replay(...of), { recallSeconds, now });
  registerSyncRoutes(routing, domain);
  await http.ready();

  return {
    http,
    async stop() {
      sockets.close();
      // A connection becomes idle when its running request ends: looking once would wait for its keep-alive time.
      const idle = setInterval(() => http.server.closeIdleConnections(), 50);
      const hurry = setTimeout(() => http.server.closeAllConnections(), STOP_TIME);
      await http.close();
      clearInterval(idle);
      clearTimeout(hurry);
      await domain.delivery.flush();
      await storage.close();
      unlock();
    },
  };
}

function createHttp(config: ServerConfig): FastifyInstance {
  const http: FastifyInstance = Fastify({
    logger: {
      level: config.logLevel,
      // Standard output carries the one line that says where we listen.
      stream: process.stderr,
      redact: {
        paths: ['token', 'password', '*.token', '*.password', 'req.headers.token', '*.data'],
        censor: '[hidden]',
      },
      base: null,
    },
    // The address of a request may hold a token (`?token=`): requests are not logged.
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: 30_000,
    keepAliveTimeout: 10_000,
    connectionTimeout: 0,
    http: { headersTimeout: 15_000 },
    routerOptions: {
      ignoreTrailingSlash: true,
      maxParamLength: 5000,
      querystringParser: parseQuery,
    },
    clientErrorHandler(error, socket) {
      // The default one logs the packet as it came, and with it whatever token or password was inside.
      http.log.debug({ code: error.code }, 'not HTTP');
      if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
      const body = JSON.stringify({ msg: 'fail', data: 'Bad Request' });
      socket.end(
        'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n' +
          `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    },
    frameworkErrors(_error, _request, reply) {
      // An address that cannot even be decoded never reaches the error handler.
      reply.raw.writeHead(400, { 'content-type': 'application/json; charset=utf-8' });
      reply.raw.end(JSON.stringify({ msg: 'fail', data: 'Bad Request' }));
    },
  });
  return http;
}

async function opened<Value>(unlock: () => void, open: () => Value): Promise<Value> {
  try {
    return await open();
  } catch (error) {
    unlock();
    throw error;
  }
}
