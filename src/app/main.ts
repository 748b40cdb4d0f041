import { createApp } from 'vue';
import { createPinia } from 'pinia';
import '../styles/main.css';
import { call } from '../bridge.ts';
import { useCommandsStore } from '../stores/commands.ts';
import { useSessionStore } from '../stores/session.ts';
import { useSettingsStore } from '../stores/settings.ts';
import { useSoundsStore } from '../stores/sounds.ts';
import { useWindowsStore } from '../stores/windows.ts';
import App from './App.vue';
import { firstPicture } from './first-picture.ts';
import { i18n } from './i18n.ts';
import { router } from './router.ts';

const app = createApp(App);
app.use(createPinia());
app.use(i18n);

// Stores listen before the snapshot is asked for: nothing that changes meanwhile is missed.
const session = useSessionStore();
const settings = useSettingsStore();
useCommandsStore();
useSoundsStore();
const windows = useWindowsStore();
session
  .fetchSnapshot()
  .then((snapshot) => {
    settings.adopt(snapshot);
    windows.adopt(snapshot);
  })
  // Without a snapshot the welcome screen still says what is wrong as soon as the person tries anything.
  .catch(() => undefined)
  .then(() => {
    app.use(router);
    app.mount('#app');
    // Main waits for this before it opens lines, and to know that the version that was installed last works.
    void firstPicture().then(() => call('app:drawn').catch(() => undefined));
  });
