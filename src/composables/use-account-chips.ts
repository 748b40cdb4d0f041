import { computed, type ComputedRef } from 'vue';
import { useRouter } from 'vue-router';
import { displayName } from '#protocol/model/account';
import { useAccountsStore } from '../stores/accounts.ts';
import { useSessionStore } from '../stores/session.ts';
import { useServerPlace } from './use-server-place.ts';
import { useText } from './use-text.ts';
import { useWarned } from './use-warned.ts';

/** An account to choose: which one it is, and whether it is the one that is shown. */
export interface AccountChip {
  key: string;
  username: string;
  name: string;
  /** Its name with its server, which tells it from others of that name. */
  label: string;
  colour: number;
  chosen: boolean;
}

/** The accounts that run, where there are several to choose from, and the way to another one. */
export function useAccountChips(): {
  chips: ComputedRef<AccountChip[]>;
  /** Brings an account on screen and stays at the page of that name, where the account has it. */
  showAt: (page: 'contacts' | 'groups', key: string) => Promise<boolean>;
} {
  const accounts = useAccountsStore();
  const session = useSessionStore();
  const router = useRouter();
  const { t } = useText();
  const placeOf = useServerPlace();
  const warned = useWarned();

  const chips = computed(() =>
    accounts.running.length < 2
      ? []
      : accounts.running.map(({ key, account, server, colour }) => ({
          ...{ key, colour, username: account.username, name: displayName(account) },
          label: t('conversations.ofAccount', { name: displayName(account), server: placeOf(server) }),
          chosen: key === session.accountKey,
        })),
  );

  return {
    chips,
    showAt: (page, key) =>
      warned(async () => {
        if (key === session.accountKey) return;
        await session.switchAccount(key);
        // A guest has no contacts: their chats are what is shown then.
        if (page === 'groups' || !session.isGuest) await router.push({ name: page });
      }),
  };
}
