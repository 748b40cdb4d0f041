import { computed, onScopeDispose, shallowRef, watch } from 'vue';
import { defineStore } from 'pinia';
import type { CheckResult, Completeness, ExportFormat, Progress } from '#protocol/model/completeness';
import type { ConversationId } from '#protocol/model/conversation';
import { call, listen } from '../bridge.ts';
import { useMessagesStore } from './messages.ts';
import { useSessionStore } from './session.ts';

type ByConversation<Value> = ReadonlyMap<ConversationId, Value>;

function withEntry<Value>(map: ByConversation<Value>, id: ConversationId, value: Value | null) {
  const next = new Map(map);
  if (value === null) next.delete(id);
  else next.set(id, value);
  return next;
}

/** The panel beside a chat and the long work that is started there; it goes on when the panel closes. */
export const useDetailsStore = defineStore('details', () => {
  const session = useSessionStore();
  const messages = useMessagesStore();
  /** Remembered while the app runs, for all conversations. */
  const open = shallowRef(false);
  const checks = shallowRef<ByConversation<Progress>>(new Map());
  const exports = shallowRef<ByConversation<Progress>>(new Map());

  // Progress may come late: only work that still runs here is updated.
  onScopeDispose(
    listen('check:progressed', (progress) => {
      const { conversationId: id } = progress;
      if (checks.value.has(id)) checks.value = withEntry(checks.value, id, progress);
    }),
  );
  onScopeDispose(
    listen('export:progressed', (progress) => {
      const { conversationId: id } = progress;
      if (exports.value.has(id)) exports.value = withEntry(exports.value, id, progress);
    }),
  );
  watch(
    () => session.identity,
    () => {
      open.value = false;
      checks.value = new Map();
      exports.value = new Map();
    },
    { flush: 'sync' },
  );

  async function check(conversationId: ConversationId): Promise<CheckResult> {
    checks.value = withEntry(checks.value, conversationId, { conversationId, done: 0, total: 0 });
    try {
      return await call('conversations:check', { conversationId });
    } finally {
      checks.value = withEntry(checks.value, conversationId, null);
    }
  }

  async function exportAs(conversationId: ConversationId, format: ExportFormat) {
    exports.value = withEntry(exports.value, conversationId, { conversationId, done: 0, total: 0 });
    try {
      return await call('conversations:export', { conversationId, format });
    } finally {
      exports.value = withEntry(exports.value, conversationId, null);
    }
  }

  async function clear(conversationId: ConversationId): Promise<void> {
    await call('conversations:clear', { conversationId });
    await messages.reload(conversationId);
  }

  return {
    open: computed(() => open.value),
    toggle: () => (open.value = !open.value),
    close: () => (open.value = false),
    checks: computed(() => checks.value),
    exports: computed(() => exports.value),
    completeness: (conversationId: ConversationId): Promise<Completeness> =>
      call('conversations:completeness', { conversationId }),
    check,
    cancelCheck: (conversationId: ConversationId) => call('conversations:cancel-check', { conversationId }),
    exportAs,
    cancelExport: (conversationId: ConversationId) => call('conversations:cancel-export', { conversationId }),
    clear,
  };
});
