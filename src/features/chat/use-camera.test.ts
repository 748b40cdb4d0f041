// @vitest-environment happy-dom
import { createPinia, setActivePinia, type Pinia } from 'pinia';
import { createApp, type App } from 'vue';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { i18n } from '../../app/i18n.ts';
import { FakeRecorder, fakeDevices, FakeStream, type FakeDevices } from '../../lib/media/devices.fixture.ts';
import { LONGEST_RECORDING } from '../../lib/media/stream-recorder.ts';
import { doubleBridge } from '../../stores/bridge.fixture.ts';
import { useCamera } from './use-camera.ts';

let devices: FakeDevices;
let pinia: Pinia;
let app: App;

beforeEach(() => {
  doubleBridge({ 'media:trays': () => [], 'media:recordings': () => [], 'preparations:list': () => [] });
  pinia = createPinia();
  setActivePinia(pinia);
  i18n.global.locale.value = 'en';
  devices = fakeDevices();
  Object.defineProperty(navigator, 'mediaDevices', { value: devices.mediaDevices, configurable: true });
  vi.stubGlobal('MediaRecorder', FakeRecorder);
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  app.unmount();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function mounted(): ReturnType<typeof useCamera> {
  let found: ReturnType<typeof useCamera> | undefined;
  app = createApp({
    setup() {
      found = useCamera();
      return () => null;
    },
  });
  app.use(pinia).use(i18n);
  app.mount(document.createElement('div'));
  return found as ReturnType<typeof useCamera>;
}
const refuse = (kind: 'audio' | 'video') => (asked: string) => {
  if (asked === kind) throw new DOMException('no', 'NotAllowedError');
};
const live = () => devices.tracks.filter((track) => track.live).map(({ kind }) => kind);

it('asks for the microphone only when a film with sound begins, and both are off once it is there', async () => {
  const camera = mounted();
  await camera.open('film');
  expect(devices.asked).toEqual(['video']);
  await camera.record(true);
  expect(devices.asked).toEqual(['video', 'audio']);
  expect(camera.phase.value).toBe('recording');
  expect(FakeRecorder.last.stream.getTracks().map(({ kind }) => kind)).toEqual(['video', 'audio']);
  await camera.stop();
  expect(camera.phase.value).toBe('review');
  // Plain servers take nothing else.
  expect(camera.film.value?.type).toBe('video/mp4');
  expect(live()).toEqual([]);
});

it('ends by itself after a minute', async () => {
  const camera = mounted();
  await camera.open('film');
  vi.useFakeTimers();
  await camera.record(false);
  await vi.advanceTimersByTimeAsync(LONGEST_RECORDING - 200);
  expect(camera.phase.value).toBe('recording');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(camera.phase.value).toBe('review');
  expect(camera.elapsed.value).toBe(LONGEST_RECORDING);
  expect(live()).toEqual([]);
});

it('says that the microphone is refused, shows the camera still, and records without sound', async () => {
  const camera = mounted();
  devices.answer = refuse('audio');
  await camera.open('film');
  await camera.record(true);
  expect(camera.phase.value).toBe('live');
  expect(camera.soundTrouble.value?.text).toContain('may not use the microphone');
  expect(live()).toEqual(['video']);
  await camera.record(false);
  expect(camera.phase.value).toBe('recording');
  expect(camera.soundTrouble.value).toBeNull();
  expect(FakeRecorder.last.stream.getAudioTracks()).toEqual([]);
});

it('says that the camera is refused, or was pulled out', async () => {
  const camera = mounted();
  devices.answer = refuse('video');
  await camera.open('photo');
  expect(camera.trouble.value?.text).toContain('may not use the camera');
  devices.answer = () => undefined;
  await camera.open('photo');
  expect(camera.trouble.value).toBeNull();
  devices.tracks[0]?.vanish();
  expect(camera.trouble.value?.text).toContain('cannot be used now');
  expect(camera.stream.value).toBeNull();
});

it('keeps what is there of a film whose camera is pulled out', async () => {
  const camera = mounted();
  await camera.open('film');
  await camera.record(true);
  devices.tracks[0]?.vanish();
  await vi.waitFor(() => expect(camera.phase.value).toBe('review'));
  expect(camera.trouble.value).toBeNull();
  expect(live()).toEqual([]);
});

it.each(['video', 'audio'] as const)(
  'is off when it is closed while the system asks for %s',
  async (kind) => {
    const camera = mounted();
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    devices.answer = (one) => (one === kind ? asked : undefined);
    const opening = camera.open('film');
    const recording = kind === 'audio' ? opening.then(() => camera.record(true)) : opening;
    await vi.waitFor(() => expect(devices.asked).toContain(kind));
    camera.close();
    answer();
    await recording;
    expect(camera.phase.value).toBe('closed');
    expect(live()).toEqual([]);
  },
);

it('is off when its place in the window goes, and nothing of the film stays', async () => {
  const camera = mounted();
  await camera.open('film');
  await camera.record(true);
  const recorder = FakeRecorder.last;
  app.unmount();
  expect(live()).toEqual([]);
  expect(recorder.state).toBe('inactive');
  expect(camera.film.value).toBeNull();
});

it('the camera that was chosen last is the one that is on', async () => {
  const camera = mounted();
  const [first, second] = [camera.open('photo'), camera.open('film')];
  await Promise.all([first, second]);
  expect(live()).toEqual(['video']);
  expect(camera.stream.value?.getTracks()).toEqual([devices.tracks.find((track) => track.live)]);
});
