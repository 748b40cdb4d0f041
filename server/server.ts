/** Listening and stopping; for the command line, the desktop app and tests alike. */
import type { AddressInfo } from 'node:net';
import { buildApp } from './app.ts';
import type { AppOptions } from './app.ts';
import type { ServerConfig } from './config.ts';

export { ConfigError, defaultConfig, loadConfig } from './config.ts';
export type { ServerConfig } from './config.ts';
export { StorageUnusableError } from './storage/storage.ts';

export interface RunningServer {
  /** Scheme, host and port without a trailing slash. */
  readonly origin: string;
  /** Stops gracefully; safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a server. Port 0 picks a free one.
 * @throws {StorageUnusableError} see {@link buildApp}
 */
export async function startServer(config: ServerConfig, options: AppOptions = {}): Promise<RunningServer> {
  const app = await buildApp(config, options);
  try {
    await app.http.listen({ host: config.host, port: config.port, listenTextResolver: () => 'listening' });
  } catch (error) {
    await app.stop();
    throw error;
  }
  const { port } = app.http.server.address() as AddressInfo;
  let stopping: Promise<void> | undefined;
  return {
    origin: `http://${reachableHost(config.host)}:${port}`,
    stop: () => (stopping ??= app.stop()),
  };
}

/** A wildcard address is for listening; to connect, the own machine is meant. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
