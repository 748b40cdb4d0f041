/** The connection doctor of this app: what it may ask, and whom. */
import { statfs } from 'node:fs/promises';
import type { ConnectionState, SessionState } from '#protocol/model/session';
import { probeServer } from '../dialects/egg-im/probe.ts';
import { createDoctor, type Doctor } from '../network/doctor.ts';
import type { OpenNetwork } from '../network/open-network.ts';
import { tryoutSocket } from '../connection/tryout-socket.ts';
import type { AccountRuntime } from '../session/account-runtime.ts';
import type { Clock } from '../support/clock.ts';

/** With less nothing can be written for long; bytes. */
const NO_ROOM = 5_000_000;

export interface ConnectionDoctorOptions {
  network: OpenNetwork;
  clock: Clock;
  /** Where histories lie. */
  userData: string;
  session: {
    readonly state: SessionState;
    readonly connection: ConnectionState;
    runtime(): Promise<AccountRuntime>;
  };
}

export function createConnectionDoctor({
  network,
  clock,
  userData,
  session,
}: ConnectionDoctorOptions): Doctor {
  const isSignedInAt = (origin: string) =>
    session.state.phase === 'signed-in' && session.state.server.origin === origin;
  return createDoctor({
    dialer: network.dialer,
    clock,
    async disk() {
      const { bavail, bsize } = await statfs(userData);
      const free = bavail * bsize;
      const runtime =
        session.state.phase === 'signed-in' ? await session.runtime().catch(() => null) : undefined;
      if (runtime === null) return { state: 'unavailable', free };
      if (runtime === undefined || runtime.storage === 'ok')
        return { state: free < NO_ROOM ? 'full' : 'ok', free };
      return { state: runtime.storage, free };
    },
    async probe(origin) {
      let serverTime: number | null = null;
      const { extensions } = await probeServer(
        origin,
        network,
        (milliseconds) => (serverTime = milliseconds),
      );
      return { extensions, serverTime };
    },
    async signIn(origin) {
      if (!isSignedInAt(origin)) return false;
      await (await session.runtime()).ownProfile();
      return true;
    },
    connection: (origin) => (isSignedInAt(origin) ? session.connection : null),
    tryoutSocket: (origin) => tryoutSocket(origin, network, clock),
  });
}
