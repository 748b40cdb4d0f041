import type { Preparable, PreparedMedia } from '#protocol/ipc';
import { isUnprepared, type Message, type UnpreparedContent } from '#protocol/model/message';
import type { History } from '../history/history.ts';
import { stagesOf, type AccountMedia } from '../media/account-media.ts';
import type { WindowView } from './window-view.ts';

export interface WaitingFilesOptions {
  history: Pick<History, 'message' | 'unsentContents' | 'replaceContent'>;
  media: Pick<AccountMedia, 'prepare' | 'prepared' | 'discard'>;
  view: Pick<WindowView, 'told' | 'present'>;
}

/** Own messages whose files have to be made ready before the outbox can send them. */
export function createWaitingFiles({ history, media, view }: WaitingFilesOptions) {
  /** Those that become ready right now. */
  const finishing = new Set<string>();

  /** Null when nothing of this id waits to be made ready. */
  const unprepared = async (messageId: string): Promise<UnpreparedContent | null> => {
    const content = (await history.message(messageId))?.content;
    return content !== undefined && isUnprepared(content) ? content : null;
  };

  return {
    unprepared,
    /** What waits to be made ready. */
    async preparables(): Promise<Preparable[]> {
      return (await history.unsentContents()).flatMap(({ messageId, content }) => {
        if (!isUnprepared(content)) return [];
        const { name, mime, size } = content.file;
        return [{ messageId, kind: content.kind, preparation: content.unprepared, name, mime, size }];
      });
    },
    /** A file is ready, and the outbox goes on with its message; null when nobody wants it any more. */
    async finishPreparation(messageId: string, made: PreparedMedia | null): Promise<Message | null> {
      if (finishing.has(messageId)) return null;
      finishing.add(messageId);
      try {
        const before = await unprepared(messageId);
        if (before === null) return null;
        const content = await media.prepare(before, made);
        view.told(await history.replaceContent({ clientMessageId: messageId, content }));
        const message = await history.message(messageId);
        if (message === null) {
          // Deleted meanwhile; what was chosen went with it.
          await media.discard(stagesOf(content));
          return null;
        }
        await media.prepared(before, content);
        return view.present(message);
      } finally {
        finishing.delete(messageId);
      }
    },
  };
}
