import { computed, onScopeDispose, shallowRef, watch } from 'vue';
import { defineStore } from 'pinia';
import type { Contact, FoundAccount, FriendApplication } from '#protocol/model/contact';
import type { Person } from '#protocol/model/person';
import { call, listen } from '../bridge.ts';
import { useSessionStore } from './session.ts';

/** Of a page of applications; fewer are the last ones. */
const PAGE_SIZE = 10;

/** Contacts and the applications of people who want to be one. */
export const useContactsStore = defineStore('contacts', () => {
  const session = useSessionStore();
  const contacts = shallowRef<readonly Contact[]>([]);
  const phase = shallowRef<'loading' | 'ready' | 'failed'>('loading');
  const pendingCount = shallowRef(0);
  const applications = shallowRef<readonly FriendApplication[]>([]);
  const applicationsPhase = shallowRef<'loading' | 'ready' | 'failed'>('loading');
  const hasMoreApplications = shallowRef(false);
  /** To whom an application went out since the window opened. */
  const appliedTo = shallowRef<ReadonlySet<number>>(new Set());
  /** Rises with every word that something about people changed. */
  const revision = shallowRef(0);
  let pages = 1;
  let applicationsTurn: Promise<void> = Promise.resolve();

  async function load(): Promise<void> {
    const identity = session.identity;
    if (identity === null || session.isGuest) return;
    try {
      const list = await call('contacts:list');
      if (identity !== session.identity) return;
      contacts.value = list;
      phase.value = 'ready';
    } catch {
      // A list that was loaded once stays; it is renewed with the next change or connection.
      if (identity === session.identity && phase.value === 'loading') phase.value = 'failed';
    }
  }

  /** One after the other: a page that is added and a list that is renewed would take each other's rows away. */
  function readApplications(more: boolean): Promise<void> {
    applicationsTurn = applicationsTurn.then(async () => {
      const { identity } = session;
      if (identity === null || session.isGuest) return;
      const from = more ? pages + 1 : 1;
      // As far as was read before: what happens to one of them takes no other off the screen.
      const upTo = more ? from : pages;
      try {
        const rows = new Map((from === 1 ? [] : applications.value).map((row) => [row.id, row]));
        let page = from;
        for (; ; page += 1) {
          const answer = await call('contacts:list-applications', { page });
          if (identity !== session.identity) return;
          const before = rows.size;
          for (const row of answer.applications) rows.set(row.id, row);
          pendingCount.value = answer.pendingCount;
          // A page that brings nothing new is the end, whatever the size of a page is.
          hasMoreApplications.value = answer.applications.length >= PAGE_SIZE && rows.size > before;
          if (page >= upTo || !hasMoreApplications.value) break;
        }
        applications.value = [...rows.values()];
        pages = page;
        applicationsPhase.value = 'ready';
      } catch {
        if (identity === session.identity && applicationsPhase.value === 'loading')
          applicationsPhase.value = 'failed';
      }
    });
    return applicationsTurn;
  }
  const loadApplications = () => readApplications(false);
  const loadMoreApplications = () => readApplications(true);

  async function refresh(): Promise<void> {
    await Promise.all([load(), loadApplications()]);
  }

  onScopeDispose(
    listen('contacts:changed', (changed) => {
      pendingCount.value = changed.pendingCount;
      revision.value += 1;
      void refresh();
    }),
  );

  watch(
    () => session.identity,
    (identity) => {
      contacts.value = [];
      applications.value = [];
      appliedTo.value = new Set();
      pendingCount.value = 0;
      phase.value = 'loading';
      applicationsPhase.value = 'loading';
      pages = 1;
      if (identity !== null) void refresh();
    },
    { immediate: true },
  );

  // What could not be loaded while offline comes with the connection.
  watch(
    () => session.connection.state,
    (state) => {
      if (state === 'online' && (phase.value !== 'ready' || applicationsPhase.value !== 'ready'))
        void refresh();
    },
  );

  async function apply(
    account: Pick<FoundAccount, 'accountId'>,
    message: string,
  ): Promise<'applied' | 'friends'> {
    const { outcome } = await call('contacts:apply', { accountId: account.accountId, message });
    if (outcome === 'friends') void load();
    else appliedTo.value = new Set([...appliedTo.value, account.accountId]);
    return outcome;
  }

  async function handleApplication(
    application: FriendApplication,
    decision: 'agree' | 'refuse' | 'ignore',
    alias: string,
  ): Promise<void> {
    await call('contacts:handle-application', {
      applicationId: application.id,
      decision,
      ...(alias === '' ? {} : { alias }),
    });
    applications.value = applications.value.map((row) =>
      row.id === application.id ? { ...row, status: decision } : row,
    );
    void refresh();
  }

  const byId = computed(() => new Map(contacts.value.map((contact) => [contact.accountId, contact])));
  async function remove(accountId: number, withHistory: boolean): Promise<void> {
    await call('contacts:remove', { accountId, withHistory });
    await load();
  }

  return {
    byId,
    revision: computed(() => revision.value),
    person: (accountId: number, uuid?: string): Promise<Person> =>
      call('contacts:person', { accountId, ...(uuid === undefined ? {} : { uuid }) }),
    setStarred: (accountId: number, value: boolean) => call('contacts:set-starred', { accountId, value }),
    setBlocked: (accountId: number, value: boolean) => call('contacts:set-blocked', { accountId, value }),
    setVisibility: (accountId: number, flags: { showsMine: boolean; showsTheirs: boolean }) =>
      call('contacts:set-visibility', { accountId, ...flags }),
    setAlias: (accountId: number, alias: string) => call('contacts:set-alias', { accountId, alias }),
    remove,
    contacts: computed(() => contacts.value),
    phase: computed(() => phase.value),
    pendingCount: computed(() => pendingCount.value),
    applications: computed(() => applications.value),
    applicationsPhase: computed(() => applicationsPhase.value),
    hasMoreApplications: computed(() => hasMoreApplications.value),
    appliedTo: computed(() => appliedTo.value),
    refresh,
    loadMoreApplications,
    search: (keyword: string) => call('contacts:search', { keyword }),
    apply,
    handleApplication,
  };
});
