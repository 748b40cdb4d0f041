/** Live tokens (section 3.2): a new one ends those that may not live beside it. */
import { SERVER_TEXTS } from '#protocol/wire/envelope';
import type { AccountRecord, Role, SessionRecord } from '../storage/records.ts';
import type { UnitOfWork } from '../storage/storage.ts';
import type { DomainContext } from './context.ts';
import { Refusal } from './refusal.ts';
import { hashToken } from './tokens.ts';

/** How many sessions an account may have: one; one per kind of device; one per device. */
export type SessionPolicy = 'single' | 'per-kind' | 'many';

/** Sessions of one account, whatever the policy; the oldest one goes. */
const MOST_SESSIONS = 32;

/** What a client says about the device it signs in on. */
export interface Device {
  kind: string;
  name: string;
}

/** A client that knows nothing of devices. There is one plain session per account, as the protocol has it. */
export const PLAIN_DEVICE: Device = { kind: '', name: '' };

/** From where an account signs in. */
export interface SignInPlace {
  device: Device;
  /** Device id of the signed guest endpoints, else empty. */
  guestDeviceId: string;
}

/** Who is asking. */
export interface Caller {
  account: AccountRecord;
  /** Role inside of the token: a registered account that came in as a guest is a visitor here (quirk Q2). */
  tokenRole: Role;
  tokenHash: string;
  /** The session named no device: it does not catch up with the change log. */
  plain: boolean;
  /** Such as `desktop`; empty for plain clients. */
  deviceKind: string;
}

export type SocketCheck = { ok: true; caller: Caller } | { ok: false; text: string };

export interface Sessions {
  /** Registers a freshly signed token as the live one; inside of the unit that signs the account in. */
  begin(unit: UnitOfWork, accountId: number, token: string, place: SignInPlace): Promise<void>;
  /** Ends this one session. */
  end(caller: Caller): Promise<void>;
  /** Checks of an HTTP call in the documented order; throws the {@link Refusal} to answer. */
  authenticate(token: string | undefined): Promise<Caller>;
  /** Checks of a socket, with the texts of frame S4. Unlike the original it compares with the live token (quirk Q4). */
  authenticateSocket(token: string | null): Promise<SocketCheck>;
  /** Is this still a live token of the account? */
  isLive(accountId: number, tokenHash: string): Promise<boolean>;
  /** Well signed by us, whoever it belongs to (a ping may carry one). */
  isWellSigned(token: string): Promise<boolean>;
}

export function sessionRules(context: DomainContext): Sessions {
  const { storage, bus, tokens, config, now } = context;
  return {
    async begin(unit, accountId, token, place) {
      const newestFirst = (await unit.sessions.list(accountId)).sort(
        (one, other) => other.issuedAt - one.issuedAt,
      );
      for (const [index, old] of newestFirst.entries()) {
        const sameDevice = isSameDevice(old, place);
        const stays = index < MOST_SESSIONS - 1 && mayLiveBeside(config.sessions, old, place);
        if (!sameDevice && stays) continue;
        await unit.sessions.remove(old.tokenHash);
        const { tokenHash } = old;
        unit.afterCommit(() =>
          bus.publish({ type: 'session-ended', accountId, tokenHash, kicked: !sameDevice }),
        );
      }
      const { device, guestDeviceId } = place;
      await unit.sessions.insert({
        accountId,
        tokenHash: hashToken(token),
        deviceKind: device.kind,
        deviceName: device.name,
        guestDeviceId,
        issuedAt: now(),
      });
    },

    async end({ account, tokenHash }) {
      await storage.write(async (unit) => {
        await unit.sessions.remove(tokenHash);
        unit.afterCommit(() =>
          bus.publish({ type: 'session-ended', accountId: account.id, tokenHash, kicked: false }),
        );
      });
    },

    async authenticate(token) {
      if (token === undefined || token === '') throw new Refusal(SERVER_TEXTS.noToken);
      const claims = await tokens.verify(token);
      if (claims === null) throw new Refusal(SERVER_TEXTS.invalidToken);
      if (claims === 'expired') throw new Refusal(SERVER_TEXTS.expiredToken);
      const tokenHash = hashToken(token);
      const { session, account } = await storage.sessions.check(claims.id, tokenHash);
      if (session === undefined) throw new Refusal(SERVER_TEXTS.invalidToken);
      if (account === undefined || account.status === 0) throw new Refusal(SERVER_TEXTS.accountDisabled);
      const { deviceKind } = session;
      const plain = deviceKind === '';
      return { account, tokenRole: claims.role, tokenHash, plain, deviceKind };
    },

    async authenticateSocket(token) {
      if (token === null || token === '') return { ok: false, text: SERVER_TEXTS.socketMissingToken };
      const claims = await tokens.verify(token);
      // The original answers the same for an expired token; so do we.
      if (claims === null || claims === 'expired') {
        return { ok: false, text: SERVER_TEXTS.socketInvalidToken };
      }
      const tokenHash = hashToken(token);
      const { session, account } = await storage.sessions.check(claims.id, tokenHash);
      if (account === undefined) return { ok: false, text: SERVER_TEXTS.socketUnknownAccount };
      if (account.status === 0) return { ok: false, text: SERVER_TEXTS.socketDisabled };
      if (session === undefined) return { ok: false, text: SERVER_TEXTS.socketInvalidToken };
      const { deviceKind } = session;
      const plain = deviceKind === '';
      return { ok: true, caller: { account, tokenRole: claims.role, tokenHash, plain, deviceKind } };
    },

    isLive: (accountId, tokenHash) => storage.sessions.isLive(accountId, tokenHash),

    async isWellSigned(token) {
      const claims = await tokens.verify(token);
      return claims !== null && claims !== 'expired';
    },
  };
}

/** A sign-in on the device that had a session already: nobody is kicked out, the session is renewed. */
function isSameDevice(old: SessionRecord, { device, guestDeviceId }: SignInPlace): boolean {
  if (guestDeviceId !== '' && old.guestDeviceId === guestDeviceId) return true;
  return device.kind !== '' && old.deviceKind === device.kind && old.deviceName === device.name;
}

function mayLiveBeside(policy: SessionPolicy, old: SessionRecord, { device }: SignInPlace): boolean {
  if (policy === 'single') return false;
  if (old.deviceKind !== device.kind) return true;
  return policy === 'many' && device.kind !== '';
}
