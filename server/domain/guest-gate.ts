/** Checks 3 to 6 of the signed guest endpoints (section 3.5), in the documented order. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { SERVER_TEXTS } from '#protocol/wire/envelope';
import { guestSignatureBase } from '#protocol/wire/guest-signature';
import type { DomainContext } from './context.ts';
import { Refusal } from './refusal.ts';

/** Age above which a signed request is refused, milliseconds. One from the future passes. */
const LONGEST_AGE = 300_000;
/** Every call restarts it, milliseconds. */
const WINDOW = 3_600_000;

export interface SignedRequest {
  signature: string;
  deviceId: string;
  timestamp: number;
}

export interface GuestGate {
  /** Throws the refusal of the first check that fails. */
  pass(request: SignedRequest): Promise<void>;
}

export function guestGate({ storage, config, now }: DomainContext): GuestGate {
  return {
    async pass({ signature, deviceId, timestamp }) {
      const base = guestSignatureBase({ deviceId, timestamp, salt: config.guestSalt });
      const expected = createHash('sha256').update(base).digest('hex');
      if (!sameText(expected, signature)) throw new Refusal('非法签名');
      if (now() - timestamp > LONGEST_AGE) throw new Refusal('请求已过期');
      if (!/^[\w-]{36}$/.test(deviceId)) throw new Refusal('无效标识');
      if (config.guestCallsPerHour === 0) return;
      const calls = await storage.write((unit) => unit.guestCalls.count(deviceId, now(), WINDOW));
      if (calls > config.guestCallsPerHour) throw new Refusal(SERVER_TEXTS.tooManyRequests);
    },
  };
}

function sameText(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
