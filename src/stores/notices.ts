import { computed, onScopeDispose, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import type { Notice } from '#protocol/ipc';
import { listen } from '../bridge.ts';

export interface Toast {
  id: number;
  tone: 'plain' | 'ok' | 'danger';
  /** A ready text, or a notice of main whose text is made where it is drawn. */
  content: { text: string; offer?: Offer } | { notice: Notice } | { work: () => Work };
}

/** What can still be done about what the toast says. */
export interface Offer {
  label: string;
  run(): void;
}

/** Long work that is under way: read anew whenever it is drawn. */
export interface Work {
  text: string;
  done: number;
  total: number;
  cancel(): void;
}

const LIFETIME = 6000;
const MOST = 3;

/** Facts that belong to no screen. At most three are shown; the oldest gives way. */
export const useNoticesStore = defineStore('notices', () => {
  const toasts = shallowRef<readonly Toast[]>([]);
  const timers = new Map<number, ReturnType<typeof setTimeout>>();
  let lastId = 0;

  function dismiss(id: number): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
  }

  function show(tone: Toast['tone'], content: Toast['content']): number {
    const id = ++lastId;
    toasts.value = [...toasts.value, { id, tone, content }];
    // Work ends by itself: its toast stays until somebody says so.
    if (!('work' in content))
      timers.set(
        id,
        setTimeout(() => dismiss(id), LIFETIME),
      );
    const oldest = toasts.value.find((toast) => !('work' in toast.content));
    if (toasts.value.length > MOST && oldest !== undefined) dismiss(oldest.id);
    return id;
  }

  /** The same fact twice is one toast that stays longer. */
  function post(notice: Notice): void {
    for (const { id, content } of toasts.value) {
      if (notice.kind === 'error' || !('notice' in content)) continue;
      const { kind, accountKey } = content.notice;
      if (kind === notice.kind && accountKey === notice.accountKey) dismiss(id);
    }
    show(notice.kind === 'error' ? 'danger' : 'plain', { notice });
  }
  onScopeDispose(listen('notice:posted', post));
  onScopeDispose(() => timers.forEach((timer) => clearTimeout(timer)));

  return {
    toasts: computed(() => toasts.value),
    dismiss,
    tell: (text: string, offer?: Offer) => void show('ok', offer === undefined ? { text } : { text, offer }),
    warn: (text: string, offer?: Offer) =>
      void show('danger', offer === undefined ? { text } : { text, offer }),
    /** Shows work until the answered toast is dismissed. */
    follow: (work: () => Work) => show('plain', { work }),
  };
});
