import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { MagpieError } from '#protocol/errors';
import type { ExportFormat } from '#protocol/model/completeness';
import type { Message } from '#protocol/model/message';
import type { History } from '../history/history.ts';
import { createWriter, type ExportHead } from './formats.ts';

/** Messages in memory at once. */
const PAGE = 500;

export interface ExportInput extends ExportHead {
  history: Pick<History, 'pageAfter' | 'countMessages'>;
  format: ExportFormat;
  path: string;
  onProgress(done: number, total: number): void;
  signal: AbortSignal;
  /** For tests: a disk that refuses. */
  openFile?(path: string): Promise<Pick<FileHandle, 'writeFile' | 'sync' | 'close'>>;
}

/**
 * Writes a conversation page by page beside its final place and moves it there when it is whole: what carries the
 * chosen name is never half an export, and a file that was there stays until then.
 */
export async function exportConversation(input: ExportInput): Promise<{ path: string; count: number }> {
  const { history, path, signal } = input;
  const part = `${path}.part`;
  const writer = createWriter(input.format, input);
  const conversationId = input.conversation.id;
  const total = await history.countMessages(conversationId);
  let count = 0;
  try {
    const file = await (input.openFile ?? ((name) => open(name, 'w', 0o600)))(part);
    try {
      await file.writeFile(writer.head);
      for (let last: Message | null = null; ;) {
        if (signal.aborted) throw new MagpieError('cancelled', 'the export was cancelled');
        const after = last === null ? {} : { after: last.position };
        const messages: Message[] = await history.pageAfter({ conversationId, ...after, limit: PAGE });
        let text = '';
        for (const message of messages) {
          text += writer.message(message, last);
          last = message;
        }
        count += messages.length;
        if (text !== '') await file.writeFile(text);
        // What arrives meanwhile is taken along.
        input.onProgress(count, Math.max(total, count));
        if (messages.length < PAGE) break;
      }
      await file.writeFile(writer.foot);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (thrown) {
    await rm(part, { force: true }).catch(() => undefined);
    throw toExportError(thrown);
  }
  return { path, count };
}

function toExportError(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof MagpieError || !('code' in thrown)) return thrown;
  const isFull = thrown.code === 'ENOSPC' || thrown.code === 'EDQUOT';
  return isFull
    ? new MagpieError('disk-full', 'no space for the export', undefined, { cause: thrown })
    : new MagpieError('file-not-writable', `the export failed with ${String(thrown.code)}`, undefined, {
        cause: thrown,
      });
}

/** A name for the file that every system takes. */
export function suggestedFileName(name: string, now: number, format: ExportFormat): string {
  const clean = name
    .replace(/[\\/:*?"<>|\p{Cc}\p{Cf}]/gu, '_')
    .trim()
    .slice(0, 80)
    .replace(/^[.\s]+|[.\s]+$/gu, '');
  const date = new Date(now);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
  return `${clean === '' ? 'Magpie' : clean} ${day}.${format}`;
}
