import { createHash } from 'node:crypto';
import { z } from 'zod';
import { MagpieError } from '#protocol/errors';
import { wireSignedInAccount } from '#protocol/wire/account';
import { GUEST_SIGNATURE_HEADER, guestSignatureBase } from '#protocol/wire/guest-signature';
import { DEVICE_HEADER } from '#protocol/wire/sync';
import type { Credentials, ServerEntrance, SignedIn } from '../chat-dialect.ts';
import type { Network } from '../../network/network.ts';
import { call } from './http-client.ts';
import { resolveAvatar } from './normalise.ts';

/** A public profile shows the role of the account, whatever that of a session is. */
const isGuest = z.object({ role: z.literal('visitor') });

export interface EntranceOptions {
  origin: string;
  /** Random id of this installation, 36 characters. */
  deviceId: string;
  guestSalt: string;
  now?: () => number;
}

/** The public endpoints E1, E2, E4 and E5 of one server. */
export function createEntrance(options: EntranceOptions, network: Pick<Network, 'agents'>): ServerEntrance {
  const { origin, deviceId, guestSalt } = options;
  const now = options.now ?? Date.now;

  const post = async (
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<SignedIn> => {
    const parsed = wireSignedInAccount.safeParse(
      await call(origin + path, {
        method: 'POST',
        network,
        body,
        headers: { [DEVICE_HEADER]: `desktop:${deviceId}`, ...headers },
      }),
    );
    if (!parsed.success) throw new MagpieError('bad-answer', 'the account in the answer is incomplete');
    const { id, uuid, username, nickname, avatar, role, token } = parsed.data;
    return {
      account: { id, uuid, username, nickname, avatar: resolveAvatar(origin, avatar), role },
      token,
    };
  };

  const signed = (path: string, body: Record<string, unknown>) => {
    const timestamp = now();
    const base = guestSignatureBase({ deviceId, timestamp, salt: guestSalt });
    const signature = createHash('sha256').update(base, 'utf8').digest('hex');
    return post(path, { ...body, deviceId, timestamp }, { [GUEST_SIGNATURE_HEADER]: signature });
  };

  const register = async (credentials: Credentials): Promise<SignedIn> => {
    try {
      return await post('/api/regChat', credentials);
    } catch (thrown) {
      // Plain servers with a unique index on the device id fail every registration without one.
      if (!(thrown instanceof MagpieError) || (thrown.details?.status ?? 0) < 500) throw thrown;
      return signed('/api/visitorregChat', { ...credentials });
    }
  };

  return {
    signIn: (credentials: Credentials) => post('/api/loginChat', credentials),
    register,
    async registerGuest(credentials, { uuid }) {
      const found: unknown = await call(`${origin}/api/userinfo/${encodeURIComponent(uuid)}`, { network });
      // A user who only came in as a guest would lose the name and password that they have (quirk Q7).
      if (!isGuest.safeParse(found).success) return post('/api/regChat', credentials);
      return signed('/api/visitorregChat', { ...credentials });
    },
    enterAsGuest: () => signed('/api/visitorRegister', { uniplatform: 'app' }),
  };
}
