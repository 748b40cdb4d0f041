/** Listening and stopping; for the command line, the desktop app and tests alike. */
import type { AddressInfo } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import { buildApp } from './app.ts';
import type { App, AppOptions } from './app.ts';
import { removeControl, writeControl } from './admin/control-file.ts';
import type { ServerConfig } from './config.ts';
import { identityOf } from './tls/identity.ts';

export { ConfigError, defaultConfig, loadConfig, usage } from './config.ts';
export type { ServerConfig } from './config.ts';
export { StorageUnusableError } from './storage/storage.ts';

export interface RunningServer {
  /** Scheme, host and port without a trailing slash. */
  readonly origin: string;
  readonly routes: App['routes'];
  /** SHA-256 of the certificate, `AB:CD:…`; null without TLS. */
  readonly fingerprint: string | null;
  readonly backups: App['backups'];
  readonly office: App['office'];
  readonly connections: App['connections'];
  readonly onBackupChange: App['onBackupChange'];
  /** Reads the certificate again; connections that are open keep the old one. Nothing without TLS. */
  renewIdentity(): Promise<void>;
  /** Stops gracefully; safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a server. Port 0 picks a free one.
 * @throws {StorageUnusableError} see {@link buildApp}
 * @throws {AddressUnusableError} when it cannot listen there
 */
export async function startServer(config: ServerConfig, options: AppOptions = {}): Promise<RunningServer> {
  const app = await buildApp(config, options);
  try {
    await app.http.listen({ host: config.host, port: config.port, listenTextResolver: () => 'listening' });
  } catch (error) {
    await app.stop();
    throw unusableAddress(config, error) ?? error;
  }
  const { port } = app.http.server.address() as AddressInfo;
  const origin = `${app.identity === null ? 'http' : 'https'}://${reachableHost(config.host)}:${port}`;
  let fingerprint = app.identity?.fingerprint ?? null;
  const tellControl = (): void =>
    writeControl(config.dataDirectory, {
      origin,
      token: app.controlToken,
      ...(fingerprint === null ? {} : { fingerprint }),
    });
  tellControl();
  let stopping: Promise<void> | undefined;
  return {
    origin,
    routes: app.routes,
    get fingerprint() {
      return fingerprint;
    },
    backups: app.backups,
    office: app.office,
    connections: () => app.connections(),
    onBackupChange: (listener) => app.onBackupChange(listener),
    async renewIdentity() {
      const identity = await identityOf(config, Date.now());
      if (identity === null || fingerprint === null) return;
      (app.http.server as unknown as TlsServer).setSecureContext({ key: identity.key, cert: identity.cert });
      fingerprint = identity.fingerprint;
      tellControl();
    },
    stop() {
      // While the lock is still held: a new server must not lose its own.
      if (stopping === undefined) removeControl(config.dataDirectory);
      return (stopping ??= app.stop());
    },
  };
}

/** The server cannot listen where it should; `message` is one line that says what to do. */
export class AddressUnusableError extends Error {
  override readonly name = 'AddressUnusableError';

  /** Another program listens there. */
  get isTaken(): boolean {
    return (this.cause as NodeJS.ErrnoException | undefined)?.code === 'EADDRINUSE';
  }
}

function unusableAddress({ host, port }: ServerConfig, cause: unknown): AddressUnusableError | undefined {
  const advice: Record<string, string> = {
    EADDRINUSE: `port ${port} of ${host} is taken: end the program that listens there, or choose another with --port`,
    EACCES: `port ${port} of ${host} is not allowed to this user: choose one above 1023 with --port`,
    EADDRNOTAVAIL: `${host} is no address of this machine: choose another with --host`,
    ENOTFOUND: `${host} is no address of this machine: choose another with --host`,
  };
  const text = advice[(cause as NodeJS.ErrnoException).code ?? ''];
  return text === undefined ? undefined : new AddressUnusableError(text, { cause });
}

/** A wildcard address is for listening; to connect, the own machine is meant. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
