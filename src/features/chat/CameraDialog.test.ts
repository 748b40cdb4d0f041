// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { createApp, h, nextTick, onBeforeUnmount, ref, shallowRef } from 'vue';
import { expect, it, vi } from 'vitest';
import { i18n } from '../../app/i18n.ts';
import { doubleBridge } from '../../stores/bridge.fixture.ts';
import CameraDialog from './CameraDialog.vue';

const film = shallowRef<Blob | null>(null);
vi.mock('./use-camera.ts', () => ({
  useCamera() {
    // As the real one: it lets go of everything.
    onBeforeUnmount(() => (film.value = null));
    const none = { trouble: shallowRef(null), soundTrouble: shallowRef(null), stream: shallowRef(null) };
    const nothing = () => Promise.resolve();
    const actions = { open: nothing, record: nothing, stop: nothing, close: () => undefined };
    return { phase: ref('review'), film, elapsed: ref(2_000), ...none, ...actions };
  },
}));

it('hands a film over that nobody has used when its chat goes, and nothing where there is none', async () => {
  doubleBridge({});
  setActivePinia(createPinia());
  vi.stubGlobal(
    'URL',
    Object.assign(URL, { createObjectURL: () => 'blob:1', revokeObjectURL: () => undefined }),
  );
  const given: Blob[] = [];
  const isThere = ref(true);
  const dialog = () => h(CameraDialog, { open: true, onFilm: (made: Blob) => given.push(made) });
  const app = createApp({ render: () => (isThere.value ? dialog() : null) });
  app.use(i18n).mount(document.body.appendChild(document.createElement('div')));
  const made = new Blob(['film'], { type: 'video/mp4' });
  film.value = made;
  await nextTick();
  isThere.value = false;
  await nextTick();
  expect(given).toEqual([made]);
  isThere.value = true;
  await nextTick();
  isThere.value = false;
  await nextTick();
  expect(given).toHaveLength(1);
  app.unmount();
});
