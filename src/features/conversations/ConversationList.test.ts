// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { createApp, h, nextTick, type App, type SetupContext } from 'vue';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Conversation } from '#protocol/model/conversation';
import { i18n } from '../../app/i18n.ts';
import type { ListRow } from '../../lib/list-rows.ts';
import { useAttachmentsStore } from '../../stores/attachments.ts';
import { doubleBridge, type BridgeDouble } from '../../stores/bridge.fixture.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import ConversationList from './ConversationList.vue';

// Nothing has a size here, so the real one would show no row.
vi.mock('virtua/vue', () => ({
  VList: Object.assign(
    ({ data }: { data: unknown[] }, { slots }: SetupContext) =>
      h(
        'div',
        data.map((item, index) => slots['default']?.({ item, index })),
      ),
    { props: ['data'] },
  ),
}));

const conversation = (id: string, more: Partial<Conversation> = {}): Conversation => ({
  ...{ id, kind: 'group', name: id, avatars: [], preview: null, lastActivityAt: 1, unread: 0, draft: '' },
  ...{ pinned: false, muted: false, strongAlert: false, showNicknames: false, link: null },
  ...more,
});
const ROWS: ListRow[] = [
  conversation('group:1'),
  conversation('group:2', { ended: 'left' }),
  conversation('group:3', { ended: 'dissolved' }),
  conversation('service:4', { kind: 'service' }),
].map((one) => ({ accountKey: 'home', conversation: one }));

let bridge: BridgeDouble;
let app: App;
let opened: string[];
beforeEach(() => {
  i18n.global.locale.value = 'en';
  bridge = doubleBridge({
    'media:limit': () => 1_000,
    'media:trays': () => [],
    'preparations:list': () => [],
  });
  const pinia = createPinia();
  setActivePinia(pinia);
  bridge.signIn('home');
  opened = [];
  const open = (row: ListRow) => Promise.resolve(void opened.push(row.conversation.id));
  app = createApp({
    render: () => h(ConversationList, { rows: ROWS, openKey: null, compact: false, open }),
  });
  app.use(pinia).use(i18n);
  app.mount(document.body.appendChild(document.createElement('div')));
  useAttachmentsStore();
  bridge.signIn('home');
});
afterEach(() => {
  app.unmount();
  document.body.replaceChildren();
});

function rowOf(id: string): Element {
  const row = document.querySelector(`[data-row-key="home|${id}"]`);
  if (row === null) throw new Error('no such row');
  return row;
}
function drag(target: Element, type: string): void {
  const file = new File(['content'], 'paper.txt');
  const items = [{ kind: 'file', getAsFile: () => file, webkitGetAsEntry: () => null }];
  const event = Object.assign(new Event(type, { bubbles: true, cancelable: true }), {
    dataTransfer: { types: ['Files'], items, dropEffect: 'none', getData: () => '' },
  });
  target.dispatchEvent(event);
}
const isTarget = (id: string) => rowOf(id).hasAttribute('data-drop-target');
async function drop(id: string): Promise<boolean> {
  drag(rowOf(id), 'dragover');
  await nextTick();
  const wasTarget = isTarget(id);
  drag(rowOf(id), 'drop');
  return wasTarget;
}
const told = () => useNoticesStore().toasts.map(({ content }) => ('text' in content ? content.text : ''));

it('takes what is dropped onto a row into the tray of its chat', async () => {
  expect(await drop('group:1')).toBe(true);
  await vi.waitFor(() => expect(useAttachmentsStore().trayOf('group:1')).toHaveLength(1));
  expect(opened).toEqual(['group:1']);
  expect(told()).toEqual([]);
});

it.each([
  ['group:2', 'Not sent: You left this group.'],
  ['group:3', 'Not sent: This group was dissolved.'],
  ['service:4', 'Nothing can be sent to this conversation.'],
])('refuses in words what nobody could send any more (%s)', async (id, answer) => {
  expect(await drop(id)).toBe(false);
  expect(told()).toEqual([answer]);
  expect(opened).toEqual([]);
  expect(useAttachmentsStore().trayOf(id)).toEqual([]);
});
