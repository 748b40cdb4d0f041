// @vitest-environment happy-dom
import { createPinia } from 'pinia';
import { createApp, defineComponent, h } from 'vue';
import { afterEach, expect, it, vi } from 'vitest';
import type { MediaState } from '#protocol/ipc';
import { useMediaState } from './use-media-state.ts';

afterEach(() => void vi.useRealTimers());

/** What main says, the last one from then on. */
function withState(...states: [MediaState, ...MediaState[]]): ReturnType<typeof useMediaState> {
  const said = () => (states.length > 1 ? states.shift() : states[0]);
  window.magpie = {
    // Nobody here waits for anything else.
    invoke: (channel: string) =>
      channel === 'media:state' ? Promise.resolve({ ok: true, value: said() }) : new Promise(() => undefined),
    on: () => () => undefined,
  } as never;
  let found: ReturnType<typeof useMediaState> | undefined;
  const one = defineComponent(() => {
    found = useMediaState(
      () => 'r1',
      () => '/1',
    );
    return () => h('div');
  });
  createApp(one).use(createPinia()).mount(document.createElement('div'));
  return found as ReturnType<typeof useMediaState>;
}

it.each([
  ['on-server', 'unreachable'],
  ['unreachable', 'unreachable'],
  ['here', 'broken'],
  ['gone', 'gone'],
  ['refused', 'refused'],
] as const)(
  'what could not be shown and is %s is %s: only a loading that was cut can be tried again',
  async (state, said) => {
    const { trouble, attempt, failed, again } = withState(state);
    await failed();
    expect(trouble.value).toBe(said);
    again();
    expect([trouble.value, attempt.value]).toEqual([null, 1]);
  },
);

it.each([
  [['loading', 'loading', 'here'], null],
  [['loading', 'gone'], 'gone'],
  [['loading', 'on-server'], 'unreachable'],
] as const)('what is on its way while it cannot be shown is waited for: %j', async (states, said) => {
  vi.useFakeTimers();
  const [first, ...rest] = states;
  const { trouble, coming, attempt, failed } = withState(first, ...rest);
  await failed();
  expect([coming.value, trouble.value, attempt.value]).toEqual([true, null, 0]);
  await vi.advanceTimersByTimeAsync(5_000);
  // All of it is tried once.
  expect([coming.value, trouble.value, attempt.value]).toEqual([false, said, 1]);
});

it('is broken once all of it is here and it still cannot be shown', async () => {
  vi.useFakeTimers();
  const { trouble, failed } = withState('loading', 'here');
  await failed();
  await vi.advanceTimersByTimeAsync(1_000);
  await failed();
  expect(trouble.value).toBe('broken');
});
