import { createHash, randomUUID } from 'node:crypto';
import { MagpieError } from '#protocol/errors';
import type { ServerInfo } from '#protocol/model/account';
import type { ServerEntrance } from '../dialects/chat-dialect.ts';
import type { AccountHome } from '../settings/stored-data.ts';
import type { SessionOptions } from './session-options.ts';

export type Entrances = ReturnType<typeof createEntrances>;

/** Another device id, always the same one for the same device: a second end meets the guest of the first. */
function standInFor(deviceId: string): string {
  const hash = createHash('sha256').update(`stand-in\n${deviceId}`).digest('hex');
  // Version and variant of an id whose bits are the application's own (RFC 9562, version 8).
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `a${hash.slice(17, 20)}`];
  return [...parts, hash.slice(20, 32)].join('-');
}

/** The ways into servers: which one is chosen, and as which device one enters. */
export function createEntrances(
  options: Pick<SessionOptions, 'settings' | 'embedded' | 'defaultGuestSalt' | 'createEntrance'>,
) {
  const { settings } = options;
  const deviceOf = ({ deviceId }: AccountHome): string => deviceId ?? settings.read().deviceId;
  const placeOf = ({ embedded, origin }: ServerInfo) => (embedded ? 'embedded' : origin);
  /** Where an account lives that signs in there now. */
  const homeOf = (server: ServerInfo): AccountHome => {
    const { chosen } = settings.read();
    return { server, guestSalt: chosen?.guestSalt ?? null, deviceId: chosen?.deviceId ?? null };
  };

  return {
    /** @throws {MagpieError} `not-allowed` when none is chosen */
    chosenServer(): ServerInfo {
      const { chosen } = settings.read();
      if (chosen === null) throw new MagpieError('not-allowed', 'no server is chosen');
      return chosen.server;
    },
    homeOf,
    /** The same for somebody with a name: who stands in the list stays the device that they were, whoever stood in for them. */
    homeOfUser(server: ServerInfo, username: string): AccountHome {
      const known = Object.values(settings.read().accounts).find(
        ({ account, home, listed }) =>
          listed &&
          home !== null &&
          placeOf(home.server) === placeOf(server) &&
          account.role !== 'visitor' &&
          account.username === username,
      );
      return { ...homeOf(server), ...(known?.home && { deviceId: known.home.deviceId }) };
    },
    /**
     * Of the guest who stands in for somebody whose session ended. A device of its own: the account may be that of this
     * device, and entering with it would end the session that ended this one.
     */
    homeOfStandIn(server: ServerInfo): AccountHome {
      const home = homeOf(server);
      return { ...home, deviceId: standInFor(deviceOf(home)) };
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
      const isTaken = Object.values(settings.read().accounts).some(
        ({ home, listed }) =>
          listed && home !== null && home.deviceId === null && placeOf(home.server) === placeOf(server),
      );
      return isTaken ? randomUUID() : null;
    },
  };
}
