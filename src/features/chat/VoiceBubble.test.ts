// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { createApp, h, nextTick, type App } from 'vue';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Message, VoiceContent } from '#protocol/model/message';
import { i18n } from '../../app/i18n.ts';
import { doubleBridge } from '../../stores/bridge.fixture.ts';
import { usePlayerStore } from '../../stores/player.ts';
import VoiceBubble from './VoiceBubble.vue';

let app: App;

beforeEach(() => {
  i18n.global.locale.value = 'en';
  doubleBridge().signIn('home');
});
afterEach(() => {
  app.unmount();
  document.body.replaceChildren();
});

function show(duration: number): HTMLElement {
  const content = { kind: 'voice', duration, waveform: [], file: { url: 'magpie-media://file/v' } };
  const message = { id: 'v', conversationId: 'single:2', own: false, content } as unknown as Message;
  const pinia = createPinia();
  setActivePinia(pinia);
  app = createApp({ render: () => h(VoiceBubble, { message, content: content as unknown as VoiceContent }) });
  app.use(pinia).use(i18n);
  app.mount(document.body.appendChild(document.createElement('div')));
  return document.querySelector<HTMLElement>('[role="slider"]')!;
}
async function press(slider: HTMLElement, key: string): Promise<boolean> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
  slider.dispatchEvent(event);
  await nextTick();
  return event.defaultPrevented;
}

it('is moved through by keys, which say where one is', async () => {
  const slider = show(60_000);
  expect(slider.tabIndex).toBe(0);
  const place = () =>
    ['aria-valuenow', 'aria-valuemax', 'aria-valuetext'].map((name) => slider.getAttribute(name));
  expect(place()).toEqual(['0', '60', '0:00 of 1:00']);

  expect(await press(slider, 'ArrowRight')).toBe(true);
  expect(usePlayerStore().current, 'it begins to play where it was put').toBe('v');
  expect(place()).toEqual(['5', '60', '0:05 of 1:00']);
  await press(slider, 'ArrowRight');
  expect(place()[2]).toBe('0:10 of 1:00');
  await press(slider, 'PageUp');
  expect(place()[2]).toBe('0:20 of 1:00');
  await press(slider, 'ArrowLeft');
  expect(place()[2]).toBe('0:15 of 1:00');
  await press(slider, 'End');
  expect(place()[2]).toBe('1:00 of 1:00');
  await press(slider, 'ArrowRight');
  expect(place()[2]).toBe('1:00 of 1:00');
  await press(slider, 'Home');
  await press(slider, 'PageDown');
  expect(place()[2]).toBe('0:00 of 1:00');
});

it('crosses a short one in ten steps, and leaves up and down to the list of messages', async () => {
  const slider = show(10_000);
  for (let step = 0; step < 10; step++) await press(slider, 'ArrowRight');
  expect(slider.getAttribute('aria-valuetext')).toBe('0:10 of 0:10');
  expect(await press(slider, 'ArrowDown')).toBe(false);
  expect(await press(slider, 'ArrowUp')).toBe(false);
  expect(slider.getAttribute('aria-valuetext')).toBe('0:10 of 0:10');
});
