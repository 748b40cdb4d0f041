/** Keeps others from reading while the person is away. It guards the screen; the history on disk is encrypted anyway. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { MagpieError } from '#protocol/errors';
import type { SettingsStore } from '../settings/settings.ts';
import type { StoredLock } from '../settings/stored-data.ts';
import type { Clock } from '../support/clock.ts';

/** 32 MiB and about a tenth of a second: a guess costs as much. */
const COST = 2 ** 15;
const BLOCK = 8;
const KEY_LENGTH = 32;
/** Seldom enough to cost nothing; a lock that comes that much later is no worse (milliseconds). */
export const IDLE_CHECK = 20_000;
/** After this many wrong passphrases each further one has to wait. */
export const FREE_ATTEMPTS = 3;
const LONGEST_WAIT = 5 * 60_000;

export interface AppLockOptions {
  settings: SettingsStore;
  clock: Clock;
  /** Seconds since the person last touched keyboard or mouse. */
  idleSeconds(): number;
  /** It was locked or unlocked, or whether there is a passphrase is not as it was. */
  onChange(): void;
}

export type AppLock = ReturnType<typeof createAppLock>;

export function createAppLock({ settings, clock, idleSeconds, onChange }: AppLockOptions) {
  const stored = () => settings.read().lock;
  // Ended while locked, it starts locked; and so it does with every start.
  let locked = stored() !== null;
  let cancel: (() => void) | null = null;
  // Wrong ones are remembered: starting anew must not give further guesses for nothing.
  let waitUntil = clock.uptime() + waitAfter(stored()?.failures ?? 0);
  /** Guesses take turns, or many at once would all be the first. */
  let turn: Promise<unknown> = Promise.resolve();

  const watch = () => {
    cancel?.();
    cancel = null;
    const { lockMinutes } = settings.read().settings;
    if (locked || stored() === null || lockMinutes === 0) return;
    cancel = clock.after(IDLE_CHECK, () => {
      if (idleSeconds() >= lockMinutes * 60) lock();
      else watch();
    });
  };
  const become = (next: boolean) => {
    if (locked === next) return;
    locked = next;
    watch();
    onChange();
  };
  const lock = () => {
    if (stored() !== null) become(true);
  };
  const count = (failures: number) =>
    settings.update(({ lock: kept }) => ({ lock: kept === null ? null : { ...kept, failures } }));

  const check = async (passphrase: string): Promise<void> => {
    const kept = stored();
    if (kept === null) return;
    const left = waitUntil - clock.uptime();
    if (left > 0) throw new MagpieError('rate-limited', 'wait', { retryAfter: Math.ceil(left / 1_000) });
    const key = await derive(passphrase, Buffer.from(kept.salt, 'base64'), kept.cost);
    const wanted = Buffer.from(kept.key, 'base64');
    if (key.length === wanted.length && timingSafeEqual(key, wanted)) {
      if (kept.failures > 0) count(0);
      return;
    }
    count(kept.failures + 1);
    waitUntil = clock.uptime() + waitAfter(kept.failures + 1);
    throw new MagpieError('wrong-passphrase', 'not the passphrase');
  };
  const checkInTurn = (passphrase: string): Promise<void> => {
    const mine = turn.then(() => check(passphrase));
    turn = mine.catch(() => undefined);
    return mine;
  };
  watch();

  return {
    get locked(): boolean {
      return locked;
    },
    /** A passphrase is set. */
    get enabled(): boolean {
      return stored() !== null;
    },
    lock,
    /** `wrong-passphrase`, or `rate-limited` after some of them. */
    async unlock(passphrase: string): Promise<void> {
      await checkInTurn(passphrase);
      become(false);
    },
    /** Sets another passphrase, or none (null); the present one has to be named. */
    async setPassphrase(current: string, next: string | null): Promise<void> {
      await checkInTurn(current);
      let kept: StoredLock | null = null;
      if (next !== null) {
        const salt = randomBytes(16);
        const key = await derive(next, salt, COST);
        kept = { salt: salt.toString('base64'), key: key.toString('base64'), cost: COST, failures: 0 };
      }
      settings.update(() => ({ lock: kept }));
      watch();
      onChange();
    },
    /** For somebody who forgot it and gives up the sessions instead. */
    remove(): void {
      settings.update(() => ({ lock: null }));
      waitUntil = 0;
      become(false);
    },
    settingsChanged: watch,
    close: () => cancel?.(),
  };
}

/** Milliseconds: 1 s for the first one too many, then twice as long each time. */
function waitAfter(failures: number): number {
  return failures < FREE_ATTEMPTS ? 0 : Math.min(LONGEST_WAIT, 1_000 * 2 ** (failures - FREE_ATTEMPTS));
}

function derive(passphrase: string, salt: Buffer, cost: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(
      passphrase.normalize('NFKC'),
      salt,
      KEY_LENGTH,
      { N: cost, r: BLOCK, p: 1, maxmem: 256 * cost * BLOCK },
      (error, key) => (error === null ? resolve(key) : reject(error)),
    );
  });
}
