import { shallowRef } from 'vue';
import { defineStore } from 'pinia';
import { useSessionStore } from './session.ts';

/** An invitation to a server that came as a link from outside: it waits here until the form for addresses takes it up. */
export const useInvitationsStore = defineStore('invitations', () => {
  const session = useSessionStore();
  const waiting = shallowRef('');

  /** Leads to where a server is chosen; whoever is signed in stays so, and the invitation is for one more account. */
  async function follow(link: string): Promise<void> {
    waiting.value = link;
    const { phase } = session.session;
    if (phase === 'signed-in') await session.addAccount();
    else if (phase === 'signed-out') await session.leaveServer();
  }

  function take(): string {
    const link = waiting.value;
    waiting.value = '';
    return link;
  }

  return { waiting, follow, take };
});
