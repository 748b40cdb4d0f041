import type { ConversationId } from './conversation.ts';

/** How much of a conversation is on this machine, by the server's numbers. */
export interface Completeness {
  /** False on servers without numbers: nobody can tell what is missing there. */
  tellable: boolean;
  /** Messages that belong here: those before a cleared history do not. */
  total: number;
  here: number;
  /** When this run last compared with the server; null when it did not. */
  checkedAt: number | null;
}

export interface CheckResult {
  completeness: Completeness;
  /** Messages that were missing and are here now. */
  fetched: number;
  /** Messages that stood in another place than on the server, or were still readable after a recall. */
  corrected: number;
  /** Ranges that differ from the server's even now. */
  differing: number;
  cancelled: boolean;
}

/** Long work on one conversation: a comparison with the server, an export. */
export interface Progress {
  conversationId: ConversationId;
  done: number;
  total: number;
}

export const EXPORT_FORMATS = ['html', 'json'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
