// @vitest-environment happy-dom
import { createPinia } from 'pinia';
import { createApp, h, type App } from 'vue';
import { afterEach, expect, it, vi } from 'vitest';
import type { ImageContent, Message } from '#protocol/model/message';
import { i18n } from '../../app/i18n.ts';
import { doubleBridge } from '../../stores/bridge.fixture.ts';
import ImageBubble from './ImageBubble.vue';

let app: App;
afterEach(() => {
  app.unmount();
  vi.useRealTimers();
});

it('says after a moment that the picture is on its way, without moving anything, until it is there', async () => {
  vi.useFakeTimers();
  doubleBridge();
  i18n.global.locale.value = 'en';
  const content: ImageContent = {
    ...{ kind: 'image', text: '', thumb: '', width: 400, height: 200, preview: '' },
    file: { url: 'magpie-media://file/x', name: 'sea.png', size: 9, mime: 'image/png' },
  };
  const message = { id: 'm', status: 'sent', content } as unknown as Message;
  const page = document.createElement('div');
  app = createApp({ render: () => h(ImageBubble, { message, content }) });
  app.use(createPinia()).use(i18n).mount(page);
  const room = () => (page.firstElementChild as HTMLElement).getAttribute('style');
  const before = room();
  const said = () => page.querySelector('[data-testid="media-wait"]')?.textContent ?? '';
  await vi.advanceTimersByTimeAsync(400);
  expect(said()).toBe('');
  await vi.advanceTimersByTimeAsync(400);
  expect(said()).toContain('Loading');
  expect(room()).toBe(before);
  page.querySelector('[data-testid="message-image"]')?.dispatchEvent(new Event('load'));
  await vi.advanceTimersByTimeAsync(0);
  expect(said()).toBe('');
  expect(room()).toBe(before);
});
