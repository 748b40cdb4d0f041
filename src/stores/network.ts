import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import { toWireError } from '#protocol/errors';
import {
  DEFAULT_PROXY,
  type NetworkProblem,
  type NetworkSettings,
  type ProxySetting,
} from '#protocol/model/network';
import { call, listen } from '../bridge.ts';

export type NetworkPanel = 'proxy' | 'certificates';

/** Problems that a person can do something about right here. */
const SOLVABLE: ReadonlySet<NetworkProblem['kind']> = new Set([
  'certificate-unknown',
  'certificate-changed',
  'proxy-sign-in',
  'captive-portal',
]);

interface Question {
  problem: NetworkProblem;
  /** What the person wanted, to be tried again when the problem is solved. */
  retry: () => unknown;
}

/** Proxies, whom to believe, and what stands in the way right now. */
export const useNetworkStore = defineStore('network', () => {
  const settings = shallowRef<NetworkSettings>({ proxy: DEFAULT_PROXY, logins: [], trusted: [] });
  const question = shallowRef<Question | null>(null);
  const panel = ref<NetworkPanel | null>(null);

  onScopeDispose(listen('network:changed', (changed) => (settings.value = changed)));

  async function follow(answer: Promise<NetworkSettings>): Promise<void> {
    settings.value = await answer;
  }
  const load = () => follow(call('network:settings'));

  /** Asks the person if the failure is one that they can solve. */
  function ask(thrown: unknown, retry: () => unknown): void {
    const problem = toWireError(thrown).details?.network;
    if (problem !== undefined && SOLVABLE.has(problem.kind)) question.value = { problem, retry };
  }

  return {
    settings: computed(() => settings.value),
    problem: computed(() => question.value?.problem ?? null),
    panel: computed(() => panel.value),
    load,
    open(wanted: NetworkPanel) {
      panel.value = wanted;
      void load();
    },
    close: () => (panel.value = null),
    isSolvable: (problem: NetworkProblem) => SOLVABLE.has(problem.kind),
    ask,
    /** Does something, and asks when it fails by what the person can solve; it fails all the same. */
    async asking(work: () => Promise<unknown>, retry: () => unknown): Promise<void> {
      try {
        await work();
      } catch (thrown) {
        ask(thrown, retry);
        throw thrown;
      }
    },
    show(problem: NetworkProblem, retry: () => unknown): void {
      question.value = { problem, retry };
    },
    dismiss: () => (question.value = null),
    /** The problem is out of the way: what was wanted is tried again. */
    solved(): void {
      const retry = question.value?.retry;
      question.value = null;
      void retry?.();
    },
    setProxy: (setting: ProxySetting, login?: { username: string; password: string } | null) =>
      follow(call('network:set-proxy', { setting, ...(login === undefined ? {} : { login }) })),
    setLogin: (proxy: string, login: { username: string; password: string } | null) =>
      follow(call('network:set-login', { proxy, login })),
    tryProxy: (origin: string) => call('network:try-proxy', { origin }),
    trust: (origin: string, fingerprint: string) => follow(call('network:trust', { origin, fingerprint })),
    revoke: (origin: string) => follow(call('network:revoke', { origin })),
  };
});
