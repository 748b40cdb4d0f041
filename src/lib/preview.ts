/** The second line of a conversation row. */
import type { Conversation } from '#protocol/model/conversation';
import type { MediaContent } from '#protocol/model/message';
import { assertNever } from '#protocol/errors';

export type PreviewLine =
  | { kind: 'empty' }
  | { kind: 'draft'; text: string }
  /** `by` is null for the own account. */
  | { kind: 'recalled'; by: string | null }
  | { kind: 'text'; text: string; state: 'none' | 'pending' | 'problem' }
  /** What the row calls by its kind, in the person's language. */
  | { kind: 'media'; prefix: string; content: MediaContent; state: 'none' | 'pending' | 'problem' };

/** One line of a bounded length: rows never lay out a 20,000 character message. */
function oneLine(text: string): string {
  return text.slice(0, 200).replace(/\s+/gu, ' ').trim();
}

export function previewLine(conversation: Conversation): PreviewLine {
  const draft = oneLine(conversation.draft);
  if (draft !== '') return { kind: 'draft', text: draft };
  const preview = conversation.preview;
  if (preview === null) return { kind: 'empty' };
  if (preview.recalled) return { kind: 'recalled', by: preview.own ? null : preview.senderName };
  const { content, own } = preview;
  const state =
    own && (preview.status === 'failed' || preview.status === 'unconfirmed')
      ? 'problem'
      : own && preview.status === 'pending'
        ? 'pending'
        : 'none';
  // Received messages name their sender in groups; with one person the name stands in the line above already.
  const prefix =
    !own && conversation.kind === 'group' && preview.senderName !== '' ? `${preview.senderName}: ` : '';
  switch (content.kind) {
    case 'text':
      return { kind: 'text', text: prefix + oneLine(content.text), state };
    case 'notice':
      return { kind: 'text', text: oneLine(content.text), state: 'none' };
    case 'image':
    case 'sticker':
    case 'video':
    case 'voice':
    case 'file':
      return { kind: 'media', prefix, content, state };
    case 'unsupported':
      return { kind: 'text', text: `${prefix}${oneLine(`${content.label} ${content.text}`)}`, state };
    default:
      return assertNever(content, 'content');
  }
}

/** What a pill can hold. */
export function cappedCount(count: number, cap = 999): string {
  return count > cap ? `${cap}+` : String(count);
}
