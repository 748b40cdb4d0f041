// @vitest-environment happy-dom
import { createPinia, setActivePinia, type Pinia } from 'pinia';
import { TooltipProvider } from 'reka-ui';
import { createApp, h, type App } from 'vue';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MagpieError } from '#protocol/errors';
import type { AppSnapshot } from '#protocol/ipc';
import { DEFAULT_SETTINGS } from '#protocol/model/settings';
import { i18n } from '../../app/i18n.ts';
import { doubleBridge, type BridgeDouble } from '../../stores/bridge.fixture.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useSessionStore } from '../../stores/session.ts';
import { useSettingsStore } from '../../stores/settings.ts';
import { startRecording, type Recording } from '../../lib/media/recorder.ts';
import VoiceRecorder from './VoiceRecorder.vue';

vi.mock('../../lib/media/recorder.ts', async (original) => ({
  ...(await original<object>()),
  startRecording: vi.fn(),
}));

const spoken = (name: string): Recording => ({
  ...{ file: new File(['sound'], name, { type: 'audio/mp4' }), duration: 2_000, waveform: [10, 20] },
});
const recorder = { stop: vi.fn(), cancel: vi.fn() };
let bridge: BridgeDouble;
let pinia: Pinia;
let app: App | null = null;

beforeEach(() => {
  bridge = doubleBridge({
    'media:trays': () => [],
    'media:recordings': () => [],
    'preparations:list': () => [],
  });
  pinia = createPinia();
  setActivePinia(pinia);
  useSessionStore();
  bridge.signIn('home');
  recorder.stop.mockReset().mockResolvedValue(spoken('voice.mp4'));
  recorder.cancel.mockReset();
  vi.mocked(startRecording).mockReset().mockResolvedValue(recorder);
});
afterEach(leave);

function leave(): void {
  app?.unmount();
  app = null;
  document.body.replaceChildren();
}
/** Another row of the list was chosen. */
function show(conversationId: string): void {
  leave();
  app = createApp({
    render: () => h(TooltipProvider, () => h(VoiceRecorder, { conversationId })),
  });
  app.use(pinia).use(i18n);
  app.mount(document.body.appendChild(document.createElement('div')));
}
const part = (id: string) => document.querySelector<HTMLButtonElement>(`[data-testid="${id}"]`);
const phase = () => part('voice-recorder')?.dataset['phase'] ?? 'idle';
const sent = () => bridge.calls.filter(({ channel }) => channel === 'messages:send-media');
async function record(): Promise<void> {
  part('composer-mic')?.click();
  await vi.waitFor(() => expect(phase()).toBe('recording'));
}

it('keeps what is being recorded when the person goes to another conversation', async () => {
  show('single:2');
  await record();
  show('single:3');
  expect(phase()).toBe('idle');
  await vi.waitFor(() => expect(useNoticesStore().toasts).toHaveLength(1));
  expect(recorder.cancel).not.toHaveBeenCalled();
  show('single:2');
  await vi.waitFor(() => expect(phase()).toBe('review'));
  expect(part('voice-time')?.textContent).toContain('0:02');

  part('voice-cancel')?.click();
  await vi.waitFor(() => expect(phase()).toBe('idle'));
  show('single:3');
  show('single:2');
  expect(phase()).toBe('idle');
});

it('is sent once, however often it is asked for', async () => {
  let answer = (): void => undefined;
  const asked = new Promise<void>((resolve) => (answer = resolve));
  bridge.answers['messages:send-media'] = async ({ conversationId }: { conversationId: string }) => {
    await asked;
    return { id: 'm', conversationId, position: { major: 1, minor: 0, ordinal: 1 } };
  };
  show('single:2');
  await record();
  part('voice-stop')?.click();
  await vi.waitFor(() => expect(phase()).toBe('review'));
  part('voice-send')?.click();
  await vi.waitFor(() => expect(phase()).toBe('sending'));
  expect(part('voice-send')?.disabled).toBe(true);
  expect(part('voice-cancel')?.disabled).toBe(true);
  part('voice-recorder')?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
  part('voice-send')?.click();
  show('single:3');
  show('single:2');
  await vi.waitFor(() => expect(phase()).toBe('sending'));
  answer();
  await vi.waitFor(() => expect(phase()).toBe('idle'));
  expect(sent()).toHaveLength(1);
});

it('is kept by main when it waits, and forgotten by it when it is thrown away', async () => {
  show('single:2');
  await record();
  part('voice-stop')?.click();
  const asked = (channel: string) => bridge.calls.filter((one) => one.channel === channel);
  await vi.waitFor(() => expect(asked('media:keep-recording')).toHaveLength(1));
  const { file, ...kept } = asked('media:keep-recording')[0]?.input as { file: string };
  expect(kept).toEqual({ conversationId: 'single:2', duration: 2_000, waveform: [10, 20] });
  expect(bridge.staged).toEqual(['voice.mp4']);
  part('voice-cancel')?.click();
  await vi.waitFor(() =>
    expect(asked('media:discard').map(({ input }) => input)).toEqual([{ files: [file] }]),
  );
  expect(sent()).toEqual([]);
});

it.each([
  ['is on screen', () => undefined],
  // As the lock does it, which covers everything first.
  ['has just left it', () => leave()],
])('is kept before the page goes while it is being recorded and %s', async (_name, before) => {
  let stopped = (): void => undefined;
  recorder.stop.mockReturnValue(new Promise((resolve) => (stopped = () => resolve(spoken('voice.mp4')))));
  show('single:2');
  await record();
  before();
  bridge.tell('session:ending', null);
  await new Promise((resolve) => setImmediate(resolve));
  stopped();
  await vi.waitFor(() =>
    expect(bridge.calls.some(({ channel }) => channel === 'session:ready-to-end')).toBe(true),
  );
  const order = bridge.calls.map(({ channel }) => channel);
  expect(order).toContain('media:keep-recording');
  expect(order.indexOf('media:keep-recording')).toBeLessThan(order.indexOf('session:ready-to-end'));
});

it('that an earlier run left is offered in its conversation and sent once', async () => {
  const file = crypto.randomUUID();
  const left = {
    conversationId: 'single:2',
    file,
    url: 'magpie-media://file/x',
    duration: 3_000,
    waveform: [5],
  };
  bridge.answers['media:recordings'] = () => [left];
  bridge.answers['messages:send-media'] = ({ conversationId }: { conversationId: string }) => ({
    ...{ id: 'm', conversationId, position: { major: 1, minor: 0, ordinal: 1 } },
  });
  setActivePinia((pinia = createPinia()));
  useSessionStore();
  show('single:3');
  bridge.signIn('home');
  show('single:2');
  await vi.waitFor(() => expect(phase()).toBe('review'));
  expect(part('voice-time')?.textContent).toContain('0:03');
  part('voice-send')?.click();
  await vi.waitFor(() => expect(phase()).toBe('idle'));
  expect(sent().map(({ input }) => input)).toEqual([
    { conversationId: 'single:2', content: { kind: 'voice', file, duration: 3_000, waveform: [5] } },
  ]);
  // It is main's already.
  expect(bridge.staged).toEqual([]);
});

it('is there still when it could not be sent', async () => {
  bridge.answers['messages:send-media'] = () => {
    throw new MagpieError('disk-full', 'no room');
  };
  show('single:2');
  await record();
  part('voice-send')?.click();
  await vi.waitFor(() => expect(useNoticesStore().toasts).toHaveLength(1));
  await vi.waitFor(() => expect(phase()).toBe('review'));
  expect(part('voice-send')?.disabled).toBe(false);
});

it.each([
  ['darwin', 'System settings'],
  ['win32', 'System settings'],
  ['linux', ''],
] as const)(
  'a refused microphone on %s can be allowed where the system has a place for it',
  async (platform, label) => {
    i18n.global.locale.value = 'en';
    useSettingsStore().adopt({ platform, settings: DEFAULT_SETTINGS } as AppSnapshot);
    vi.mocked(startRecording).mockRejectedValue(new DOMException('no', 'NotAllowedError'));
    show('single:2');
    part('composer-mic')?.click();
    const notices = useNoticesStore();
    await vi.waitFor(() => expect(notices.toasts).toHaveLength(1));
    const content = notices.toasts[0]?.content;
    const offer = content !== undefined && 'text' in content ? content.offer : undefined;
    expect(offer?.label ?? '').toBe(label);
    offer?.run();
    const opened = bridge.calls.filter(({ channel }) => channel === 'app:open-privacy-settings');
    expect(opened.map(({ input }) => input)).toEqual(label === '' ? [] : [{ device: 'microphone' }]);
  },
);
