/** One live token per account (section 3.2): a new one ends the old. */
import { timingSafeEqual } from 'node:crypto';
import { SERVER_TEXTS } from '#protocol/wire/envelope';
import type { AccountRecord, Role } from '../storage/records.ts';
import type { UnitOfWork } from '../storage/storage.ts';
import type { DomainContext } from './context.ts';
import { Refusal } from './refusal.ts';
import { hashToken } from './tokens.ts';

/** Who is asking. */
export interface Caller {
  account: AccountRecord;
  /** Role inside of the token: a registered account that came in as a guest is a visitor here (quirk Q2). */
  tokenRole: Role;
  tokenHash: string;
}

export type SocketCheck = { ok: true; caller: Caller } | { ok: false; text: string };

export interface Sessions {
  /** Registers a freshly signed token as the live one; inside of the unit that signs the account in. */
  begin(unit: UnitOfWork, accountId: number, token: string, deviceId: string): Promise<void>;
  end(accountId: number): Promise<void>;
  /** Checks of an HTTP call in the documented order; throws the {@link Refusal} to answer. */
  authenticate(token: string | undefined): Promise<Caller>;
  /** Checks of a socket, with the texts of frame S4. Unlike the original it compares with the live token (quirk Q4). */
  authenticateSocket(token: string | null): Promise<SocketCheck>;
  /** Is this still the live token of the account? */
  isLive(accountId: number, tokenHash: string): Promise<boolean>;
  /** Well signed by us, whoever it belongs to (a ping may carry one). */
  isWellSigned(token: string): Promise<boolean>;
}

export function sessionRules(context: DomainContext): Sessions {
  const { storage, bus, tokens, now } = context;
  return {
    async begin(unit, accountId, token, deviceId) {
      const tokenHash = hashToken(token);
      const previous = await unit.sessions.get(accountId);
      const sameDevice = previous !== undefined && previous.deviceId !== '' && previous.deviceId === deviceId;
      await unit.sessions.replace({ accountId, tokenHash, deviceId, issuedAt: now() });
      unit.afterCommit(() => bus.publish({ type: 'session-replaced', accountId, tokenHash, sameDevice }));
    },

    async end(accountId) {
      await storage.write(async (unit) => {
        await unit.sessions.remove(accountId);
        unit.afterCommit(() => bus.publish({ type: 'session-ended', accountId }));
      });
    },

    async authenticate(token) {
      if (token === undefined || token === '') throw new Refusal(SERVER_TEXTS.noToken);
      const claims = await tokens.verify(token);
      if (claims === null) throw new Refusal(SERVER_TEXTS.invalidToken);
      if (claims === 'expired') throw new Refusal(SERVER_TEXTS.expiredToken);
      const tokenHash = hashToken(token);
      const { session, account } = await storage.sessions.check(claims.id);
      if (session === undefined || !sameHash(session.tokenHash, tokenHash)) {
        throw new Refusal(SERVER_TEXTS.invalidToken);
      }
      if (account === undefined || account.status === 0) throw new Refusal(SERVER_TEXTS.accountDisabled);
      return { account, tokenRole: claims.role, tokenHash };
    },

    async authenticateSocket(token) {
      if (token === null || token === '') return { ok: false, text: SERVER_TEXTS.socketMissingToken };
      const claims = await tokens.verify(token);
      // The original answers the same for an expired token; so do we.
      if (claims === null || claims === 'expired') {
        return { ok: false, text: SERVER_TEXTS.socketInvalidToken };
      }
      const tokenHash = hashToken(token);
      const { session, account } = await storage.sessions.check(claims.id);
      if (account === undefined) return { ok: false, text: SERVER_TEXTS.socketUnknownAccount };
      if (account.status === 0) return { ok: false, text: SERVER_TEXTS.socketDisabled };
      if (session === undefined || !sameHash(session.tokenHash, tokenHash)) {
        return { ok: false, text: SERVER_TEXTS.socketInvalidToken };
      }
      return { ok: true, caller: { account, tokenRole: claims.role, tokenHash } };
    },

    async isLive(accountId, tokenHash) {
      const session = await storage.sessions.get(accountId);
      return session !== undefined && sameHash(session.tokenHash, tokenHash);
    },

    async isWellSigned(token) {
      const claims = await tokens.verify(token);
      return claims !== null && claims !== 'expired';
    },
  };
}

function sameHash(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
