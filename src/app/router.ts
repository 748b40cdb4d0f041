import { createRouter, createWebHashHistory } from 'vue-router';
import { useSessionStore } from '../stores/session.ts';

/** Hash addresses, because the page is a file; so a reload comes back to the same conversation. */
export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/welcome', name: 'welcome', component: () => import('../features/welcome/WelcomePage.vue') },
    { path: '/sign-in', name: 'sign-in', component: () => import('../features/sign-in/SignInPage.vue') },
    {
      path: '/',
      component: () => import('./MainLayout.vue'),
      children: [
        { path: '', redirect: '/chats' },
        {
          path: 'chats/:conversationId?',
          name: 'chats',
          props: true,
          component: () => import('./ChatsPage.vue'),
        },
        {
          path: 'contacts/:view?',
          name: 'contacts',
          props: true,
          component: () => import('../features/contacts/ContactsPage.vue'),
        },
        {
          path: 'settings',
          name: 'settings',
          component: () => import('../features/settings/SettingsPage.vue'),
        },
      ],
    },
    { path: '/:rest(.*)*', redirect: '/chats' },
  ],
});

/** The screen of each phase of the session; null where any inner page is fine. */
export function screenOf(phase: 'welcome' | 'signed-out' | 'signed-in'): string | null {
  return { welcome: 'welcome', 'signed-out': 'sign-in', 'signed-in': null }[phase];
}

router.beforeEach((to) => {
  const wanted = screenOf(useSessionStore().session.phase);
  const outside = to.name === 'welcome' || to.name === 'sign-in';
  if (wanted !== null) return to.name === wanted ? true : { name: wanted };
  return outside ? { name: 'chats' } : true;
});
