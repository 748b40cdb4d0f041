import { randomUUID } from 'node:crypto';
import { MagpieError } from '#protocol/errors';
import type { ServerInfo } from '#protocol/model/account';
import type { ServerEntrance } from '../dialects/chat-dialect.ts';
import type { AccountHome } from '../settings/stored-data.ts';
import type { SessionOptions } from './session-options.ts';

export type Entrances = ReturnType<typeof createEntrances>;

/** The ways into servers: which one is chosen, and as which device one enters. */
export function createEntrances(
  options: Pick<SessionOptions, 'settings' | 'embedded' | 'defaultGuestSalt' | 'createEntrance'>,
) {
  const { settings } = options;
  const deviceOf = ({ deviceId }: AccountHome): string => deviceId ?? settings.read().deviceId;

  return {
    /** @throws {MagpieError} `not-allowed` when none is chosen */
    chosenServer(): ServerInfo {
      const { chosen } = settings.read();
      if (chosen === null) throw new MagpieError('not-allowed', 'no server is chosen');
      return chosen.server;
    },
    /** Where an account lives that signs in there now. */
    homeOf(server: ServerInfo): AccountHome {
      const { chosen } = settings.read();
      return { server, guestSalt: chosen?.guestSalt ?? null, deviceId: chosen?.deviceId ?? null };
    },
    deviceOf,
    to(home: AccountHome): ServerEntrance {
      const { server, guestSalt } = home;
      const salt = server.embedded ? options.embedded.guestSalt : guestSalt;
      return options.createEntrance({
        origin: server.origin,
        deviceId: deviceOf(home),
        guestSalt: salt ?? options.defaultGuestSalt,
      });
    },
    /** A guest's entry and some registrations belong to the device: a second account of a server has its own. */
    deviceFor(server: ServerInfo): string | null {
      const place = (one: ServerInfo) => (one.embedded ? 'embedded' : one.origin);
      const isTaken = Object.values(settings.read().accounts).some(
        ({ home, listed }) =>
          listed && home !== null && home.deviceId === null && place(home.server) === place(server),
      );
      return isTaken ? randomUUID() : null;
    },
  };
}
