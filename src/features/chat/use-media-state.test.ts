// @vitest-environment happy-dom
import { createPinia } from 'pinia';
import { createApp, defineComponent, h } from 'vue';
import { expect, it } from 'vitest';
import type { MediaState } from '#protocol/ipc';
import { useMediaState } from './use-media-state.ts';

function withState(state: MediaState): ReturnType<typeof useMediaState> {
  window.magpie = {
    // Nobody here waits for anything else.
    invoke: (channel: string) =>
      channel === 'media:state' ? Promise.resolve({ ok: true, value: state }) : new Promise(() => undefined),
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
  ['loading', 'broken'],
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
