// @vitest-environment happy-dom
import { createPinia } from 'pinia';
import { createApp, defineComponent, h } from 'vue';
import { beforeEach, expect, it } from 'vitest';
import type { ErrorCode } from '#protocol/errors';
import type { Message } from '#protocol/model/message';
import { i18n } from '../../app/i18n.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useMessageActions } from './use-message-actions.ts';
import { useOpenFile } from './use-open-file.ts';

const message = {
  id: 'r1',
  content: { kind: 'file', text: '', file: { url: '/1', name: 'setup.exe', size: 1, mime: '' } },
} as Message;

let refusal: ErrorCode | null;
let calls: unknown[];
beforeEach(() => {
  [refusal, calls] = [null, []];
  window.magpie = {
    invoke(channel: string, input: unknown) {
      // Nobody here waits for anything else.
      if (channel !== 'media:open') return new Promise(() => undefined);
      calls.push(input);
      const { anyway } = input as { anyway: boolean };
      const isRefused = refusal !== null && !(anyway && refusal === 'runs-program');
      return Promise.resolve(
        isRefused ? { ok: false, error: { code: refusal, message: '' } } : { ok: true, value: null },
      );
    },
    on: () => () => undefined,
  } as never;
});

function within<Result>(setup: () => Result): Result {
  let result: Result | undefined;
  const app = createApp(
    defineComponent(() => {
      result = setup();
      return () => h('div');
    }),
  );
  app.use(createPinia()).use(i18n).mount(document.createElement('div'));
  return result as Result;
}

it('asks before a program is opened, and opens it when the answer is yes', async () => {
  refusal = 'runs-program';
  const { asked, open, openAnyway, notices } = within(() => ({
    ...useOpenFile(),
    notices: useNoticesStore(),
  }));
  await open(message);
  expect(asked.value).toBe(message);
  await openAnyway();
  expect(asked.value).toBeNull();
  expect(calls).toEqual([
    { messageId: 'r1', anyway: false },
    { messageId: 'r1', anyway: true },
  ]);
  expect(notices.toasts).toEqual([]);
});

it('the menu of a message asks the same', async () => {
  refusal = 'runs-program';
  const actions = within(() => useMessageActions(() => [message]));
  const row = document.createElement('div');
  row.dataset['messageId'] = 'r1';
  actions.pick(row);
  await actions.choose('open');
  expect(actions.programAsked.value).toBe(message);
  await actions.openAnyway();
  expect(calls.at(-1)).toEqual({ messageId: 'r1', anyway: true });
});

it('a file that the server refuses is no program: it says why; a cancelled one says nothing', async () => {
  const { asked, open, notices } = within(() => ({ ...useOpenFile(), notices: useNoticesStore() }));
  refusal = 'not-allowed';
  await open(message);
  expect(asked.value).toBeNull();
  expect(notices.toasts).toHaveLength(1);
  refusal = 'cancelled';
  await open(message);
  expect(notices.toasts).toHaveLength(1);
});

it.each(['image', 'video', 'voice', 'file'] as const)(
  'the menu opens with another program what is a %s',
  (kind) => {
    const one = { ...message, content: { ...message.content, kind } } as Message;
    const actions = within(() => useMessageActions(() => [one]));
    const row = document.createElement('div');
    row.dataset['messageId'] = 'r1';
    expect(actions.pick(row).map(({ action }) => action)).toContain('open');
  },
);
