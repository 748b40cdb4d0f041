import { toWireError, type MagpieError } from '#protocol/errors';
import type { Notice } from '#protocol/ipc';
import type { ServerInfo } from '#protocol/model/account';
import type { SessionEndReason } from '#protocol/model/session';
import type { SignedIn } from '../dialects/chat-dialect.ts';
import type { SettingsStore } from '../settings/settings.ts';
import type { AccountHome } from '../settings/stored-data.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import type { AccountVault } from './account-vault.ts';
import type { Entrances } from './entrances.ts';
import type { OnScreen } from './on-screen.ts';
import type { Running, RunningAccounts } from './running-accounts.ts';

/** A guest's session that ends again within this time is not taken up by itself: servers allow five calls an hour. */
const GUEST_RENEWAL_PAUSE = 15 * 60_000;

export interface SessionEnd {
  reason: SessionEndReason;
  serverText?: string;
}

export interface SessionEndsOptions {
  settings: SettingsStore;
  clock: Clock;
  log: Logger;
  vault: AccountVault;
  entrances: Entrances;
  screen: OnScreen;
  running: RunningAccounts;
  /** Puts a session on screen, in the place of whoever is there. */
  begin(home: AccountHome, signedIn: SignedIn): Promise<unknown>;
  notice(notice: Notice): void;
  /** The list of accounts is not as it was. */
  onChanged(): void;
}

/** Sessions that a server ended: what becomes of the account, and what the person is told. */
export function createSessionEnds(options: SessionEndsOptions) {
  const { settings, clock, log, vault, entrances, screen, running } = options;
  /** Why sessions ended that were not on screen: said when the person comes to them. */
  const ends = new Map<string, SessionEnd>();
  /** Whose end the person is told of. */
  let toldOf: string | null = null;
  const guestRenewedAt = new Map<string, number>();

  /** A guest has no password to ask for: the device is their account, so they come back without a word. */
  const renewGuest = async ({ key, home }: Running): Promise<boolean> => {
    // A server that takes no token of its own would be asked for ever.
    const before = guestRenewedAt.get(key);
    if (before !== undefined && clock.uptime() - before < GUEST_RENEWAL_PAUSE) return false;
    guestRenewedAt.set(key, clock.uptime());
    try {
      const signedIn = await entrances.to(home).enterAsGuest();
      if (running.shown?.key === key) {
        await options.begin(home, signedIn);
        return true;
      }
      const { account, token } = signedIn;
      const nextKey = vault.keyOf(home.server, account);
      await running.endBehind(key);
      if (nextKey !== key) vault.unlist(key);
      vault.remember(nextKey, account, token, home);
      running.startBehind({ key: nextKey, home, account, token });
      options.onChanged();
      return true;
    } catch (thrown) {
      log.warn('guest-not-renewed', { code: toWireError(thrown).code });
      return false;
    }
  };

  return {
    /** The server says that the session of this account is over. */
    async ended(mine: Running, end: { kicked: boolean; error: MagpieError }): Promise<void> {
      // A late word about a session that was replaced meanwhile says nothing about the present one.
      if (!running.all().includes(mine)) return;
      const reason: SessionEndReason = end.kicked
        ? 'signed-in-elsewhere'
        : end.error.code === 'account-disabled'
          ? 'account-disabled'
          : 'session-ended';
      log.warn('ended', { reason });
      const { key, account, home } = mine;
      if (reason === 'session-ended' && account.role === 'visitor' && (await renewGuest(mine))) return;
      vault.forgetToken(key);
      const serverText = end.error.details?.serverText;
      const ended = { reason, ...(serverText === undefined ? {} : { serverText }) };
      if (running.shown?.key !== key) {
        ends.set(key, ended);
        await running.endBehind(key);
        options.onChanged();
        options.notice({ kind: 'session-ended', ...ended, accountKey: key });
        return;
      }
      toldOf = key;
      settings.update(({ chosen }) => ({ chosen: chosen === null ? null : { ...chosen, accountKey: null } }));
      await running.shutDown();
      screen.become({ phase: 'signed-out', server: home.server, lastUsername: account.username, ended });
    },
    /**
     * A guest in the place of the one whose session ended, so that there is a window to work with. None while another
     * account is signed in, which is better than a guest; for a guest, whom the server sent away; and where the server
     * lets none in: there is the form then, as it was.
     */
    async standIn(server: ServerInfo): Promise<{ home: AccountHome; signedIn: SignedIn } | null> {
      const who = toldOf === null ? undefined : settings.read().accounts[toldOf];
      if (who === undefined || who.account.role === 'visitor' || running.all().length > 0) return null;
      const home = entrances.homeOfStandIn(server);
      try {
        return { home, signedIn: await entrances.to(home).enterAsGuest() };
      } catch (thrown) {
        log.warn('no-stand-in', { code: toWireError(thrown).code });
        return null;
      }
    },
    /** Why this account's session ended behind; null when it did not, or when the person was told. */
    take(key: string): SessionEnd | null {
      const end = ends.get(key) ?? null;
      ends.delete(key);
      toldOf = key;
      return end;
    },
    forget: (key: string): void => void ends.delete(key),
  };
}
