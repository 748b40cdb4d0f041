import { access, mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { MagpieError, toWireError } from '#protocol/errors';
import type { ExportFormat } from '#protocol/model/completeness';
import { isMedia, type MediaFile, type Message } from '#protocol/model/message';
import type { History } from '../history/history.ts';
import { nameOf, safeName } from '../media/places.ts';
import { createWriter, type Attachment, type ExportHead } from './formats.ts';

/** Messages in memory at once. */
const PAGE = 500;

export interface ExportInput extends ExportHead {
  history: Pick<History, 'pageAfter' | 'countMessages'>;
  format: ExportFormat;
  path: string;
  /** Writes the file of a message to a place; fails with the codes of loading and writing files. */
  saveFile(file: MediaFile, path: string): Promise<void>;
  onProgress(done: number, total: number): void;
  signal: AbortSignal;
  /** For tests: a disk that refuses. */
  openFile?(path: string): Promise<Pick<FileHandle, 'writeFile' | 'sync' | 'close'>>;
}

/**
 * Writes a conversation page by page beside its final place and moves it there when it is whole: what carries the
 * chosen name is never half an export, and a file that was there stays until then. Files of messages go into a folder
 * beside it; those that cannot be had any more, or not now, are counted and named as missing.
 */
export async function exportConversation(
  input: ExportInput,
): Promise<{ path: string; count: number; missing: number }> {
  const { history, path, signal } = input;
  const part = `${path}.part`;
  const writer = createWriter(input.format, input);
  const conversationId = input.conversation.id;
  const total = await history.countMessages(conversationId);
  let count = 0;
  let missing = 0;
  const folder = join(dirname(path), `${basename(path, extname(path))} files`);
  const isNew = await access(folder).then(
    () => false,
    () => true,
  );
  let attached = 0;
  /** Numbered, because several files may have one name. */
  const attach = async ({ content, recalled }: Message): Promise<Attachment | null> => {
    if (recalled || !isMedia(content)) return null;
    attached += 1;
    const name = `${String(attached).padStart(5, '0')} ${safeName(content.file.name)}`;
    try {
      if (attached === 1) await mkdir(folder, { recursive: true, mode: 0o700 });
      await input.saveFile(content.file, join(folder, name));
      return { path: `${basename(folder)}/${name}` };
    } catch (thrown) {
      if (!ABSENT.has(toWireError(thrown).code)) throw thrown;
      missing += 1;
      return { path: null };
    }
  };
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
          text += writer.message(message, last, await attach(message));
          last = message;
          if (signal.aborted) throw new MagpieError('cancelled', 'the export was cancelled');
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
    if (isNew) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    throw toExportError(thrown);
  }
  return { path, count, missing };
}

/** What says that a file is not to be had, while everything else may go on. */
const ABSENT: ReadonlySet<string> = new Set(['file-gone', 'server-unreachable', 'not-allowed', 'not-found']);

function toExportError(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof MagpieError || !('code' in thrown)) return thrown;
  const isFull = thrown.code === 'ENOSPC' || thrown.code === 'EDQUOT';
  return isFull
    ? new MagpieError('disk-full', 'no space for the export', undefined, { cause: thrown })
    : new MagpieError('file-not-writable', `the export failed with ${String(thrown.code)}`, undefined, {
        cause: thrown,
      });
}

/** Of the name of the conversation; day, ending and ` files` follow it. Bytes. */
const SUGGESTED_BYTES = 160;

/** A name for the file that every system takes. */
export function suggestedFileName(name: string, now: number, format: ExportFormat): string {
  const clean = nameOf(name, SUGGESTED_BYTES);
  const date = new Date(now);
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
  return `${clean === '' ? 'Magpie' : clean} ${day}.${format}`;
}
