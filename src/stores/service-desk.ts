import { computed, shallowRef, watch } from 'vue';
import { defineStore } from 'pinia';
import type { ConversationId } from '#protocol/model/conversation';
import type { Message } from '#protocol/model/message';
import type { Complaint, ComplaintSubject, PreparedAnswer } from '#protocol/model/service-desk';
import { call } from '../bridge.ts';
import { useSessionStore } from './session.ts';

/** What a complaint is about to be made of. */
export interface ComplaintDraft {
  subject: ComplaintSubject;
  conversationId: ConversationId;
  /** Local id of the message that was the occasion; null for none. */
  messageId: string | null;
}

/** Messages that are offered as evidence. */
const OFFERED = 30;

/** Prepared answers and complaints: kept by the server, fetched when somebody looks. */
export const useServiceDeskStore = defineStore('service-desk', () => {
  const session = useSessionStore();
  const answers = shallowRef<readonly PreparedAnswer[] | null>(null);
  const complaints = shallowRef<readonly Complaint[] | null>(null);
  const draft = shallowRef<ComplaintDraft | null>(null);
  /** The complaint that is being changed. */
  const editing = shallowRef<Complaint | null>(null);

  watch(
    () => session.identity,
    () => {
      answers.value = null;
      complaints.value = null;
      draft.value = null;
      editing.value = null;
    },
    { flush: 'sync' },
  );

  async function loadAnswers(): Promise<void> {
    const { identity } = session;
    const list = await call('desk:answers');
    if (identity === session.identity) answers.value = list;
  }

  async function loadComplaints(): Promise<void> {
    const { identity } = session;
    const list = await call('desk:complaints');
    if (identity === session.identity) complaints.value = list;
  }

  /** Newest first: what somebody complains about is mostly what just happened. */
  async function offered(conversationId: ConversationId): Promise<Message[]> {
    const { messages } = await call('messages:page', { conversationId, limit: OFFERED });
    return messages
      .filter((one) => !one.own && !one.recalled && one.serverId !== null && one.content.kind !== 'notice')
      .reverse();
  }

  return {
    answers: computed(() => answers.value),
    complaints: computed(() => complaints.value),
    draft: computed(() => draft.value),
    editing: computed(() => editing.value),
    loadAnswers,
    loadComplaints,
    offered,
    async saveAnswer(answer: { id: number | null; question: string; answer: string }): Promise<void> {
      await call('desk:save-answer', answer);
      await loadAnswers();
    },
    async removeAnswer(id: number): Promise<void> {
      await call('desk:remove-answer', { id });
      await loadAnswers();
    },
    tryAnswer: (question: string) => call('desk:try-answer', { question }),
    startComplaint: (next: ComplaintDraft) => void (draft.value = next),
    dropComplaint: () => void (draft.value = null),
    async complain(order: {
      reason: string;
      text: string;
      pictures: Uint8Array<ArrayBuffer>[];
      evidence: string[];
    }): Promise<void> {
      if (draft.value === null) return;
      await call('desk:complain', { subject: draft.value.subject, ...order });
      draft.value = null;
      if (complaints.value !== null) await loadComplaints();
    },
    edit: (complaint: Complaint) => void (editing.value = complaint),
    dropEditing: () => void (editing.value = null),
    async change(change: { text: string; kept: string[]; added: Uint8Array<ArrayBuffer>[] }): Promise<void> {
      if (editing.value === null) return;
      try {
        await call('desk:change-complaint', { id: editing.value.id, ...change });
        editing.value = null;
      } finally {
        // A refusal means that it is not as it was shown.
        await loadComplaints();
      }
    },
    async withdraw(id: number): Promise<void> {
      await call('desk:withdraw-complaint', { id });
      await loadComplaints();
    },
  };
});
