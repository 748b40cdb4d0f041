import { fork } from 'node:child_process';
import { join } from 'node:path';
import { endProcess } from './end-process.ts';

/** A public address by all rules; whoever asks a SOCKS proxy of ours for it comes to this computer. */
export const PUBLIC_STAND_IN = '11.22.33.44';

export interface ProxyOrder {
  kind: 'http' | 'socks5';
  login?: { username: string; password: string };
}

/** What a proxy has seen. */
export interface ProxyCounts {
  /** Lines to somewhere else that it opened. */
  tunnels: number;
  /** Callers that it did not let through for want of the right name and password. */
  refused: number;
  /** Bytes of tunnels that ended (HTTP) or of all (SOCKS). */
  bytes: number;
}

export interface ProxyProcess {
  readonly port: number;
  readonly seen: ProxyCounts;
  stop(): Promise<void>;
}

/** Starts a real proxy, which alone knows where `*.magpie.test` is: here. */
export async function startProxy(order: ProxyOrder): Promise<ProxyProcess> {
  const child = fork(join(import.meta.dirname, 'proxy-program.ts'), [JSON.stringify(order)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const seen: ProxyCounts = { tunnels: 0, refused: 0, bytes: 0 };
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the proxy ended with ${code}`)));
    child.on('message', (message: { port: number } | ProxyCounts) => {
      if ('port' in message) resolve(message.port);
      else Object.assign(seen, message);
    });
  });
  return { port, seen, stop: async () => void (await endProcess(child)) };
}
