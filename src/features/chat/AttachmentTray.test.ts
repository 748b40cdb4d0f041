// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { createApp, h, nextTick, ref, type App } from 'vue';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { i18n } from '../../app/i18n.ts';
import type { Dropped } from '../../lib/media/dropped.ts';
import { useAttachmentsStore } from '../../stores/attachments.ts';
import { doubleBridge, type BridgeDouble } from '../../stores/bridge.fixture.ts';
import AttachmentTray from './AttachmentTray.vue';
import DropZone from './DropZone.vue';

const HERE = 'single:2';
let bridge: BridgeDouble;
let app: App;
const dropped = ref<Dropped[]>([]);
const disabled = ref(false);
const refused = ref(0);

beforeEach(async () => {
  bridge = doubleBridge({
    'media:limit': () => 1_000,
    'media:trays': () => [],
    'media:recordings': () => [],
    'preparations:list': () => [],
  });
  [dropped.value, disabled.value, refused.value] = [[], false, 0];
  const pinia = createPinia();
  setActivePinia(pinia);
  const attachments = useAttachmentsStore();
  bridge.signIn('home');
  await attachments.add(
    HERE,
    ['one', 'two', 'three'].map((name) => new File(['content'], name, { type: 'text/plain' })),
  );
  const zone = {
    name: 'Ann',
    onRefused: () => void (refused.value += 1),
    onDropped: (taken: Dropped) => void dropped.value.push(taken),
  };
  app = createApp({
    render: () =>
      h(DropZone, { ...zone, disabled: disabled.value }, () => h(AttachmentTray, { conversationId: HERE })),
  });
  app.use(pinia).use(i18n);
  app.mount(document.body.appendChild(document.createElement('div')));
});
afterEach(() => {
  app.unmount();
  document.body.replaceChildren();
});

const item = (index: number): Element => {
  const found = document.querySelectorAll('[data-testid="attachment-item"]')[index];
  if (found === undefined) throw new Error('no such item');
  return found;
};
function drag(target: Element, type: string, files: readonly File[]): Event {
  const items = files.map((file) => ({
    ...{ kind: 'file', getAsFile: () => file, webkitGetAsEntry: () => null },
  }));
  const types = files.length > 0 ? ['Files'] : [];
  const event = Object.assign(new Event(type, { bubbles: true, cancelable: true }), {
    dataTransfer: { types, items, dropEffect: 'none', getData: () => '' },
  });
  target.dispatchEvent(event);
  return event;
}
const zoneIsShown = () => document.querySelector('[data-testid="drop-zone"]') !== null;

it('lets the chat take files that are dropped onto what lies in the tray', async () => {
  const file = new File(['more'], 'four', { type: 'text/plain' });
  drag(item(1), 'dragenter', [file]);
  expect(drag(item(1), 'dragover', [file]).defaultPrevented).toBe(true);
  await nextTick();
  expect(zoneIsShown()).toBe(true);
  drag(item(1), 'drop', [file]);
  await nextTick();
  expect(dropped.value.flatMap(({ files }) => files.map(({ name }) => name))).toEqual(['four']);
  expect(zoneIsShown()).toBe(false);
});

it('puts its own to another place, and takes files from outside after it', async () => {
  const attachments = useAttachmentsStore();
  drag(item(0), 'dragstart', []);
  drag(item(2), 'dragover', []);
  drag(item(2), 'drop', []);
  await nextTick();
  expect(attachments.trayOf(HERE).map(({ name }) => name)).toEqual(['two', 'three', 'one']);
  expect(dropped.value).toEqual([]);
  drag(item(0), 'drop', [new File(['more'], 'four', { type: 'text/plain' })]);
  expect(dropped.value).toHaveLength(1);
});

it('tells of a drop where nothing can be sent any more, and shows no place for it', async () => {
  disabled.value = true;
  await nextTick();
  const file = new File(['more'], 'four', { type: 'text/plain' });
  expect(drag(item(1), 'dragover', [file]).defaultPrevented, 'or nobody would hear of the drop').toBe(true);
  await nextTick();
  expect(zoneIsShown()).toBe(false);
  drag(item(1), 'drop', [file]);
  expect([refused.value, dropped.value]).toEqual([1, []]);
});

it('offers for a picture that cannot be drawn what it is to tell', async () => {
  const attachments = useAttachmentsStore();
  const tray = attachments.trayOf(HERE);
  expect(item(0).querySelector('[data-testid="attachment-form"]')).toBeNull();
  const kept = { file: 'kept', name: 'IMG_0001.HEIC', mime: '', size: 7, url: 'kept:', asFile: false };
  attachments.takeOver({ conversationId: HERE, files: [{ ...kept, original: false }] });
  attachments.change(HERE, attachments.trayOf(HERE)[tray.length]?.key ?? '', {
    isPicture: false,
    preview: '',
  });
  await nextTick();
  const form = item(tray.length).querySelector<HTMLSelectElement>('[data-testid="attachment-form"]');
  expect([...(form?.options ?? [])].map(({ value }) => value)).toEqual(['picture', 'original', 'file']);
  expect(form?.value).toBe('picture');
  expect(form?.options[0]?.text).toBe(i18n.global.t('media.form.quiet'));
  expect(item(tray.length).querySelector('[data-testid="attachment-phone-picture"]')).not.toBeNull();
});
