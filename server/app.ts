/** Builds the server: storage, rules, HTTP and sockets. Listening is left to `server.ts`. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Fastify, { LogController } from 'fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { clientAddress } from './address.ts';
import { backupsOf } from './backup/backups.ts';
import type { Backups } from './backup/backups.ts';
import { finishRestore } from './backup/restore-backup.ts';
import { inProcessBus } from './bus/in-process-bus.ts';
import type { ServerConfig } from './config.ts';
import { createDomain } from './domain/domain.ts';
import { chosenPlace } from './files/chosen-place.ts';
import { diskBlobStore } from './files/disk-blob-store.ts';
import { holdable } from './files/held-blobs.ts';
import { incomingFiles } from './files/incoming.ts';
import { hasFfmpeg } from './files/video-cover.ts';
import { clamdScanner } from './files/virus-scan.ts';
import { AdminSessions } from './domain/admin-sessions.ts';
import { administrationRules } from './domain/administration.ts';
import type { Administration } from './domain/administration.ts';
import { Allowances } from './domain/throttle.ts';
import { loadSecret, tokenSigner } from './domain/tokens.ts';
import { SetupToken, newControlToken, sameSecret } from './admin/control-file.ts';
import { storageUse } from './admin/storage-use.ts';
import { registerConsole } from './http/admin/console.ts';
import { registerBackupControl } from './http/admin/backup-control.ts';
import { registerControl } from './http/admin/control.ts';
import { registerAnswerHeaders, registerAnswers } from './http/answers.ts';
import { registerAuthentication } from './http/authentication.ts';
import { parseQuery, registerBodies } from './http/bodies.ts';
import { registerBodyWatch } from './http/body-watch.ts';
import { registerCors } from './http/cors.ts';
import { registerDictionaries } from './http/dictionaries.ts';
import { Routing } from './http/routing.ts';
import { registerAccountRoutes } from './http/routes/accounts.ts';
import { registerCodeRoutes } from './http/routes/codes.ts';
import { registerFileRoutes } from './http/routes/files.ts';
import { registerFriendRoutes } from './http/routes/friends.ts';
import { registerGroupRoutes } from './http/routes/groups.ts';
import { registerMessageRoutes } from './http/routes/messages.ts';
import { registerServiceDeskRoutes } from './http/routes/service-desk.ts';
import { registerSyncRoutes } from './http/routes/sync.ts';
import { registerStaticFiles } from './http/static-files.ts';
import { HEADERS_TIMEOUT, KEEP_ALIVE_TIMEOUT, refuseNonsense } from './network/http-limits.ts';
import { officeOf } from './network/office.ts';
import type { Office } from './network/office.ts';
import { registerUpdateFiles } from './http/update-files.ts';
import { offersUpdates } from './files/update-feed.ts';
import { prepareDataFolder } from './storage/data-folder.ts';
import { lockDataDirectory } from './storage/sqlite/data-lock.ts';
import { openSqliteStorage } from './storage/sqlite/sqlite-storage.ts';
import { identityOf, storedIdentity } from './tls/identity.ts';
import type { Identity } from './tls/identity.ts';
import { createSocketServer } from './ws/socket-server.ts';

export interface App {
  readonly http: FastifyInstance;
  /** Every route there is, so that a test can demand a rule for each. */
  readonly routes: readonly { method: string; url: string }[];
  /** Secret of the command line, new at every start. */
  readonly controlToken: string;
  /** Null without TLS. */
  readonly identity: Identity | null;
  readonly backups: Backups;
  /** Whether others on the network may join; closed at first. */
  readonly office: Office;
  connections: Administration['connections'];
  /** Calls when a backup begins or ends. */
  onBackupChange(listener: () => void): void;
  /** Ends sockets, then requests, then the storage. */
  stop(): Promise<void>;
}

export interface AppOptions {
  /** Milliseconds since 1970; only tests replace it. */
  now?: () => number;
}

/** Milliseconds for running requests to end when the server stops. */
const STOP_TIME = 5000;

/** Between two clearings of files that nobody uses, milliseconds. */
const TIDY_INTERVAL = 60 * 60_000;

/**
 * @throws {StorageUnusableError} when the database is damaged, newer than this program, or in use by another server
 */
export async function buildApp(config: ServerConfig, { now = Date.now }: AppOptions = {}): Promise<App> {
  const databasePath = prepareDataFolder(config.dataDirectory);
  const unlock = lockDataDirectory(config.dataDirectory);
  const identity = await opened(unlock, () => {
    finishRestore(config.dataDirectory);
    return identityOf(config, now());
  });
  const storage = await opened(unlock, () => openSqliteStorage(databasePath, now()));
  const http = createHttp(config, identity);
  const moduleLog = (module: string) => http.log.child({ module });
  const bus = inProcessBus((error) => moduleLog('bus').error({ err: error }, 'listener failed'));
  const tokens = tokenSigner(loadSecret(config.dataDirectory), now);
  const places = await filePlaces(config);
  const domain = createDomain({ storage, bus, tokens, config, now, log: moduleLog('domain') }, places);

  const addressOf = (request: { raw: Parameters<typeof clientAddress>[0] }): string =>
    clientAddress(request.raw, config.trustProxy);
  const requests = new Allowances({
    perSecond: config.requestsPerSecond,
    burst: config.requestsPerSecond * 10,
    now,
  });
  const routes: { method: string; url: string }[] = [];
  http.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, url });
  });
  registerCors(http);
  registerAnswerHeaders(http);
  http.addHook('onRequest', async (request) => requests.take(addressOf(request)));
  registerBodyWatch(http, config);
  registerBodies(http);
  registerAnswers(http);
  registerAuthentication(http, domain.sessions);
  await registerStaticFiles(http, config.dataDirectory);
  registerDictionaries(http, config.dataDirectory);
  await registerUpdateFiles(http, config.dataDirectory);
  const sockets = createSocketServer(domain, {
    config,
    now,
    log: moduleLog('ws'),
    mayAsk: (address) => requests.mayTake(address),
  });
  sockets.attach(http.server);
  domain.autoReply.watch((accountId) => sockets.isOnline(accountId));
  const routing = new Routing(http, addressOf);
  registerAccountRoutes(routing, domain);
  registerFriendRoutes(routing, domain);
  const { recallSeconds, readReceiptsUpTo } = config;
  registerMessageRoutes(routing, domain, (...of) => sockets.replay(...of), {
    recallSeconds,
    readReceiptsUpTo,
    now,
    offersUpdates: () => offersUpdates(config.dataDirectory),
    uploads: {
      max_bytes: config.fileLimitMib * 1024 * 1024,
      private: config.files === 'private',
      covers: await hasFfmpeg(config.ffmpeg),
      object_storage: config.storage === 'both',
    },
  });
  registerSyncRoutes(routing, domain);
  registerCodeRoutes(routing, domain);
  registerServiceDeskRoutes(routing, domain);
  registerGroupRoutes(routing, domain);
  await registerFileRoutes(http, routing, domain, config);
  const administration = administrationRules({ storage, bus, now }, sockets.connections);
  const setupToken = new SetupToken(config.dataDirectory);
  if (await administration.needsSetup()) setupToken.offer();
  else setupToken.remove();
  registerConsole(http, {
    domain,
    administration,
    sessions: new AdminSessions(now),
    setup: { isToken: (text) => setupToken.is(text), used: () => setupToken.remove() },
    storageUse: () => storageUse(config.dataDirectory, administration),
    addressOf,
    trustProxy: config.trustProxy,
  });
  const controlToken = newControlToken();
  const isControl = (request: FastifyRequest): boolean => {
    const [, token = ''] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
    return sameSecret(controlToken, token);
  };
  registerControl(http, administration, { isAllowed: isControl, addressOf });
  let onBackupChange: () => void = () => undefined;
  const backups = backupsOf(
    {
      dataDirectory: config.dataDirectory,
      storage: config.storage,
      snapshot: (target) => storage.snapshot(target),
      holdContent: () => places.blobs.hold(),
      now,
    },
    {
      plan: {
        place: config.backupTo === 'off' ? null : config.backupTo,
        everyHours: config.backupHours,
        keep: config.backupKeep,
      },
      log: moduleLog('backup'),
      onChange: () => onBackupChange(),
    },
  );
  registerBackupControl(http, backups, isControl);
  const tidyUp = (): void => {
    void domain.files
      .sweep()
      .catch((error: unknown) => moduleLog('files').error({ err: error }, 'sweep failed'));
  };
  tidyUp();
  const tidying = setInterval(tidyUp, TIDY_INTERVAL);
  await http.ready();
  const office = officeOf({
    identity: () => storedIdentity(config.dataDirectory, now()),
    route: (request, response) => http.routing(request, response),
    attach: (server) => sockets.attach(server),
    log: moduleLog('office'),
  });
  if (identity !== null) moduleLog('tls').info({ fingerprint: identity.fingerprint }, 'certificate');

  return {
    http,
    routes,
    controlToken,
    identity,
    backups,
    office,
    connections: () => administration.connections(),
    onBackupChange(listener) {
      onBackupChange = listener;
    },
    async stop() {
      clearInterval(tidying);
      await office.close();
      await backups.stop();
      sockets.close();
      // A connection becomes idle when its running request ends: looking once would wait for its keep-alive time.
      const idle = setInterval(() => http.server.closeIdleConnections(), 50);
      const hurry = setTimeout(() => http.server.closeAllConnections(), STOP_TIME);
      await http.close();
      clearInterval(idle);
      clearTimeout(hurry);
      domain.autoReply.stop();
      await domain.delivery.flush();
      await storage.close();
      places.close();
      unlock();
    },
  };
}

async function filePlaces(config: ServerConfig) {
  const incoming = await incomingFiles(join(config.dataDirectory, 'files', 'incoming'));
  const scan = config.clamd === 'off' ? null : clamdScanner(config.clamd);
  const disk =
    config.storage === 's3'
      ? null
      : diskBlobStore(madeFolder(join(config.dataDirectory, 'files', 'content')));
  if (disk !== null && config.storage === 'disk') {
    return { blobs: holdable(disk), published: null, incoming, scan, close: () => undefined };
  }
  const work = join(config.dataDirectory, 'files', 'work');
  // Copies for tools, which an earlier run may have left. Not with what comes in: that is tidied while they are used.
  rmSync(work, { recursive: true, force: true });
  // Loaded by those only who use it: it is large.
  const { s3BlobStore } = await import('./files/s3-blob-store.ts');
  const bucket = s3BlobStore({
    endpoint: config.s3Endpoint,
    region: config.s3Region,
    bucket: config.s3Bucket,
    prefix: config.s3Prefix,
    pathStyle: config.s3PathStyle,
    signedSeconds: config.s3SignedSeconds,
    ...(config.s3Public === 'off' ? {} : { open: { base: config.s3Public } }),
    workFolder: madeFolder(work),
  });
  const blobs = holdable(disk === null ? bucket : chosenPlace(disk, bucket));
  return { blobs, published: bucket.published, incoming, scan, close: () => bucket.close() };
}

function createHttp(config: ServerConfig, identity: Identity | null): FastifyInstance {
  const limits = { headersTimeout: HEADERS_TIMEOUT };
  const http = Fastify({
    ...(identity === null
      ? { http: limits }
      : { https: { ...limits, minVersion: 'TLSv1.2' as const, cert: identity.cert, key: identity.key } }),
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
    // Uploads may take longer than any fixed time: `body-watch` looks after slow bodies.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    connectionTimeout: 0,
    routerOptions: {
      ignoreTrailingSlash: true,
      maxParamLength: 5000,
      querystringParser: parseQuery,
    },
    clientErrorHandler: (error, socket) => refuseNonsense(http.log)(error, socket),
    frameworkErrors(_error, _request, reply) {
      // An address that cannot even be decoded never reaches the error handler.
      reply.raw.writeHead(400, { 'content-type': 'application/json; charset=utf-8' });
      reply.raw.end(JSON.stringify({ msg: 'fail', data: 'Bad Request' }));
    },
  }) as FastifyInstance;
  return http;
}

function madeFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

async function opened<Value>(unlock: () => void, open: () => Value): Promise<Value> {
  try {
    return await open();
  } catch (error) {
    unlock();
    throw error;
  }
}
