// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { TooltipProvider } from 'reka-ui';
import { createApp, h, nextTick, type App, type VNode } from 'vue';
import { afterEach, expect, it } from 'vitest';
import type { FileContent, Message } from '#protocol/model/message';
import { i18n } from '../../app/i18n.ts';
import { doubleBridge, type BridgeDouble } from '../../stores/bridge.fixture.ts';
import { useTransfersStore } from '../../stores/transfers.ts';
import FileBubble from './FileBubble.vue';
import UploadRing from './UploadRing.vue';

const STAGE = 'magpie-media://file/?url=stage:one';
let bridge: BridgeDouble;
let app: App;
let cancelled = 0;
afterEach(() => {
  app.unmount();
  document.body.replaceChildren();
});

function show(what: () => VNode): void {
  cancelled = 0;
  bridge = doubleBridge();
  const pinia = createPinia();
  setActivePinia(pinia);
  useTransfersStore();
  app = createApp({ render: () => h(TooltipProvider, what) });
  app.use(pinia).use(i18n);
  app.mount(document.body.appendChild(document.createElement('div')));
}
const content: FileContent = {
  kind: 'file',
  text: '',
  file: { url: STAGE, name: 'plan.pdf', size: 100, mime: '' },
};
const message = { id: 'm', own: true, status: 'pending', content } as Message;
const onCancel = (): void => void (cancelled += 1);

it.each([
  ['a file', () => h(FileBubble, { message, content, onCancel })],
  ['a picture', () => h(UploadRing, { address: STAGE, name: 'plan.pdf', onCancel })],
])(
  'how far %s is on its way is said outside of any button, whose content is its name alone',
  async (_what, part) => {
    i18n.global.locale.value = 'en';
    show(part);
    bridge.tell('media:progressed', { id: 'one', direction: 'up', done: 40, total: 100 });
    await nextTick();
    const progress = document.querySelector('[role="progressbar"]');
    expect(progress?.getAttribute('aria-valuenow')).toBe('40');
    expect(progress?.getAttribute('aria-label')).toBe('Uploading plan.pdf');
    expect(progress?.closest('button')).toBeNull();
    document.querySelector<HTMLElement>('[data-testid="upload-cancel"]')?.click();
    expect(cancelled).toBe(1);
  },
);
