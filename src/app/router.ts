import { createRouter, createWebHashHistory } from 'vue-router';
import { isChatWindow } from '../lib/window-kind.ts';
import { useSessionStore } from '../stores/session.ts';
import { useSettingsStore } from '../stores/settings.ts';
import { useWindowsStore } from '../stores/windows.ts';
// What every start shows comes with the first script; the rest comes when it is asked for.
import ChatsPage from './ChatsPage.vue';
import ChatWindowPage from './ChatWindowPage.vue';
import MainLayout from './MainLayout.vue';

/** Hash addresses, because the page is a file; so a reload comes back to the same conversation. */
export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/welcome', name: 'welcome', component: () => import('../features/welcome/WelcomePage.vue') },
    { path: '/sign-in', name: 'sign-in', component: () => import('../features/sign-in/SignInPage.vue') },
    {
      path: '/',
      component: MainLayout,
      children: [
        { path: '', redirect: '/chats' },
        {
          path: 'chats/:conversationId?',
          name: 'chats',
          // The same address means somebody else in another account.
          props: ({ params, query }) => ({
            conversationId: params['conversationId'],
            accountKey: query['account'],
          }),
          component: ChatsPage,
        },
        {
          path: 'contacts/:view?',
          name: 'contacts',
          props: true,
          component: () => import('../features/contacts/ContactsPage.vue'),
        },
        {
          path: 'groups/:groupId?',
          name: 'groups',
          props: true,
          component: () => import('../features/groups/GroupsPage.vue'),
        },
        {
          path: 'settings',
          name: 'settings',
          component: () => import('../features/settings/SettingsPage.vue'),
        },
      ],
    },
    { path: '/window/:conversationId', name: 'window', props: true, component: ChatWindowPage },
    { path: '/:rest(.*)*', redirect: '/chats' },
  ],
});

/** The screen of each phase of the session; null where any inner page is fine. */
export function screenOf(phase: 'welcome' | 'signed-out' | 'signed-in'): string | null {
  return { welcome: 'welcome', 'signed-out': 'sign-in', 'signed-in': null }[phase];
}

router.beforeEach((to) => {
  // A conversation's own window stays with it; everything else is the main window's.
  if (isChatWindow) {
    if (to.name === 'window') return true;
    void useWindowsStore()
      .showInMain(to.fullPath)
      .catch(() => undefined);
    return false;
  }
  if (to.name === 'window') return { name: 'chats' };
  // The page comes back to where it was when the lock is taken off.
  if (useSettingsStore().host.lock.locked) return true;
  const session = useSessionStore();
  const wanted = screenOf(session.session.phase);
  // A guest stays one until somebody has signed in.
  const outside = to.name === 'welcome' || (to.name === 'sign-in' && !session.isGuest);
  if (wanted !== null) return to.name === wanted ? true : { name: wanted };
  if (outside) return { name: 'chats' };
  // What takes an account leads a guest to where they get one.
  if (to.name === 'contacts' && session.isGuest) return { name: 'sign-in' };
  if (to.name === 'chats' && to.params['conversationId'] && to.query['account'] === undefined)
    return { name: 'chats', params: to.params, query: { ...to.query, account: session.accountKey } };
  return true;
});
