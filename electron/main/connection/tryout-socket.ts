import type { Network } from '../network/network.ts';
import type { Clock } from '../support/clock.ts';
import { openSocket } from './socket.ts';

const PATIENCE = 10_000;

/**
 * Whether a socket to a server can be opened at all: without a token, so nobody is signed in or out by it. Servers accept
 * first and refuse then.
 */
export function tryoutSocket(
  origin: string,
  network: Pick<Network, 'agents'>,
  clock: Pick<Clock, 'after'>,
): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (opened: boolean) => {
      cancel();
      socket.terminate();
      resolve(opened);
    };
    const cancel = clock.after(PATIENCE, () => finish(false));
    const socket = openSocket(`${origin.replace(/^http/u, 'ws')}/ws?token=`, network, {
      onOpen: () => finish(true),
      onText: () => undefined,
      onPing: () => undefined,
      onAlive: () => undefined,
      onEnd: () => finish(false),
    });
  });
}
