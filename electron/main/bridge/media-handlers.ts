import { MagpieError } from '#protocol/errors';
import type {
  HandedOver,
  InvokeChannel,
  KeptRecording,
  KeptTray,
  MediaDraft,
  OwnSticker,
  TrayItem,
} from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import { STAGE_PREFIX, type MediaContent, type MediaFile, type Preparation } from '#protocol/model/message';
import { STICKER_PREFIX, type AccountMedia } from '../media/account-media.ts';
import type { DragFiles } from '../media/drag-files.ts';
import { fileUrl } from '../media/media-url.ts';
import { isProgram } from '../media/programs.ts';
import { createWrittenFiles } from '../media/written-files.ts';
import type { SessionManager } from '../session/session-manager.ts';
import type { Handlers } from './dispatch.ts';
import { presentMessage } from './present.ts';

/** Larger pictures are dragged without being seen: decoding them would hold the drag up. Bytes. */
const LARGEST_DRAG_PICTURE = 3 * 1024 * 1024;

/** What the desktop does with files. */
export interface FileActions {
  /** The person's folder for downloads. */
  downloads(): string;
  /** Null when the person named no place. */
  chooseTarget(name: string): Promise<string | null>;
  /** @throws {MagpieError} `file-gone` when the system has no program for it */
  open(path: string): Promise<void>;
  showInFolder(path: string): void;
  dragFiles: DragFiles;
  /** Goes on until the mouse lets go. @param picture what hangs on the pointer; null for a general one */
  startDrag(path: string, picture: Buffer | null): void;
  /** @throws {MagpieError} `bad-answer` when it is no picture */
  copyImage(bytes: Buffer): Promise<void>;
}

/** Which window has the tray of a conversation. */
export interface TrayWindows {
  shows(windowId: number, conversationId: ConversationId): boolean;
  /** To the conversation's own window, which comes to the front; false where it has none. */
  handOver(handed: HandedOver): boolean;
}

type MediaChannel = Extract<
  InvokeChannel,
  | `media:${string}`
  | `preparations:${string}`
  | `stickers:${string}`
  | 'messages:send-media'
  | 'messages:media'
  | 'messages:forward'
  | 'messages:media'
  | 'messages:forward'
>;

export function createMediaHandlers(
  session: SessionManager,
  files: FileActions,
  windows: TrayWindows,
): Pick<Handlers, MediaChannel> {
  const saved = createWrittenFiles();
  const opening = new Map<string, Promise<void>>();
  /** Files that become messages at this moment. */
  const sending = new Set<Promise<unknown>>();
  const sourceOf = async (messageId: string) => {
    const { media, mediaMessage } = await session.runtime();
    const { content } = await mediaMessage(messageId);
    return { owner: media, messageId, file: content.file, content };
  };
  type Source = Awaited<ReturnType<typeof sourceOf>>;
  const saveOnce = (source: Source): Promise<string> =>
    saved.ensure(source, () =>
      source.owner.save(source.file, source.messageId, { folder: files.downloads() }),
    );
  /** A double click asks twice, and means one window. */
  const openOnce = async (source: Source): Promise<void> => {
    const path = await saveOnce(source);
    const running = opening.get(path);
    if (running !== undefined) return running;
    const started = files.open(path).finally(() => opening.delete(path));
    opening.set(path, started);
    return started;
  };

  return {
    'media:stage': async ({ id, mime, source }) => {
      const runtime = await session.runtime();
      const { media } = runtime;
      const staged =
        'folder' in source
          ? await media.stageFolder({ id, path: source.folder, limit: runtime.uploadLimit() })
          : 'path' in source
            ? await media.stagePath({ id, mime, path: source.path })
            : await media.stageBytes({ id, mime, ...source });
      return { id: staged.id, name: staged.name, size: staged.size };
    },
    'media:discard': async ({ files: ids }) => (await session.runtime()).media.discard(ids),
    'media:save-tray': async ({ conversationId, files: items }, { windowId }) => {
      if (!windows.shows(windowId, conversationId))
        throw new MagpieError('not-allowed', 'another window has its tray');
      await (await session.runtime()).media.trays.save(conversationId, items);
    },
    'media:hand-over': async ({ conversationId, files: items, words }) => {
      const { media } = await session.runtime();
      // First on the disk: whatever becomes of the window, they are in its tray.
      await media.trays.add(conversationId, items);
      return windows.handOver({ conversationId, files: await presentItems(items, media), words });
    },
    'media:trays': async () => {
      const { media } = await session.runtime();
      // In a tray or in a message: whoever asks now, because another window is gone, finds none in both.
      await Promise.all(sending);
      return keptTrays(media);
    },
    'media:keep-recording': async ({ conversationId, ...recording }) =>
      (await session.runtime()).media.recordings.save(conversationId, [recording]),
    'media:recordings': async () => {
      const { media } = await session.runtime();
      await Promise.all(sending);
      return keptRecordings(media);
    },
    'messages:send-media': async ({ conversationId, content }) => {
      const runtime = await session.runtime();
      const send = async () => {
        const { media } = runtime;
        const chosen = [content.file];
        const ready = await contentOf(content, media);
        const isAnother = ready.file.url !== STAGE_PREFIX + content.file;
        try {
          const message = await runtime.sendMedia(conversationId, ready);
          await (isAnother ? media.discard(chosen) : media.waitsNoMore(chosen));
          return message;
        } catch (thrown) {
          // What was chosen is tried again, not what was made of it.
          if (isAnother) await media.forget(ready);
          throw thrown;
        }
      };
      const sent = send();
      const done = sent.catch(() => undefined).finally(() => sending.delete(done));
      sending.add(done);
      return presentMessage(await sent);
    },
    'messages:media': async (input) => {
      const page = await (await session.runtime()).mediaPage(input);
      return { ...page, messages: page.messages.map(presentMessage) };
    },
    'messages:forward': async ({ messageId, to }) =>
      (await (await session.runtime()).forward(messageId, to)).map(presentMessage),
    'preparations:list': async () => {
      const runtimes = await session.runtimes();
      return (await Promise.all(runtimes.map((runtime) => runtime.preparables()))).flat();
    },
    'preparations:read': async ({ messageId }) => {
      for (const runtime of await session.runtimes()) {
        const content = await runtime.unprepared(messageId);
        if (content !== null) return new Uint8Array(await runtime.media.bytes(content.file));
      }
      throw new MagpieError('not-found', 'nobody waits for it');
    },
    'preparations:finish': async ({ messageId, made }) => {
      for (const runtime of await session.runtimes()) {
        const message = await runtime.finishPreparation(messageId, made);
        if (message !== null) return presentMessage(message);
      }
      return null;
    },
    'media:limit': async () => (await session.runtime()).uploadLimit(),
    'media:chooses-place': async () => (await session.runtime()).choosesPlace(),
    'media:state': async ({ messageId }) => {
      const runtime = await session.runtime();
      const { content } = await runtime.mediaMessage(messageId);
      return runtime.media.state(content.file.url);
    },
    'media:save': async ({ messageId }) => ({ path: await saveOnce(await sourceOf(messageId)) }),
    'media:save-as': async ({ messageId }) => {
      const runtime = await session.runtime();
      const { content } = await runtime.mediaMessage(messageId);
      const path = await files.chooseTarget(content.file.name);
      return path === null ? null : { path: await runtime.media.save(content.file, messageId, { path }) };
    },
    'media:cancel-save': async ({ messageId }) => (await session.runtime()).media.cancelSaving(messageId),
    'media:open': async ({ messageId, anyway }) => {
      const source = await sourceOf(messageId);
      if (isProgram(source.file.name) && !anyway) throw new MagpieError('runs-program', 'nobody was asked');
      await openOnce(source);
    },
    'media:show-in-folder': async ({ messageId }) =>
      files.showInFolder(await saveOnce(await sourceOf(messageId))),
    'media:copy-image': async ({ messageId }) => {
      const runtime = await session.runtime();
      const { content } = await runtime.mediaMessage(messageId);
      if (content.kind !== 'image' && content.kind !== 'sticker')
        throw new MagpieError('not-allowed', 'not a picture');
      await files.copyImage(await runtime.media.bytes(content.file));
    },
    'media:cache-size': async () => (await session.runtime()).media.cacheSize(),
    'media:clear-cache': async () => (await session.runtime()).media.clearCache(),
    'media:toggle-kept': async ({ messageId }) => {
      const runtime = await session.runtime();
      const { content } = await runtime.mediaMessage(messageId);
      return { kept: await runtime.media.toggleKept(content.file) };
    },
    'media:is-kept': async ({ messageId }) => {
      const runtime = await session.runtime();
      const { content } = await runtime.mediaMessage(messageId);
      return { kept: await runtime.media.isKept(content.file) };
    },
    'media:prepare-drag': async ({ messageId }) => {
      await files.dragFiles.ready(await sourceOf(messageId));
    },
    'media:release-drag': async ({ messageId }) => {
      const source = await sourceOf(messageId);
      // What is too large to be kept sealed has no other place: without it the next drag would load it all again.
      if ((await source.owner.state(source.file.url)) === 'here') await files.dragFiles.release(source);
    },
    'media:drag': async ({ messageId }) => {
      const source = await sourceOf(messageId);
      const { content, owner } = source;
      const path = files.dragFiles.take(source);
      if (path === null) throw new MagpieError('not-allowed', 'it was not made ready');
      const isPicture = content.kind === 'image' && content.file.size <= LARGEST_DRAG_PICTURE;
      files.startDrag(path, isPicture ? await owner.bytes(content.file).catch(() => null) : null);
    },

    'stickers:list': async () => ownStickers((await session.runtime()).media),
    'stickers:add': async ({ file, ...facts }) => {
      const { media } = await session.runtime();
      await media.addSticker(file, facts);
      return ownStickers(media);
    },
    'stickers:keep': async ({ messageId }) => {
      const runtime = await session.runtime();
      const { content } = await runtime.mediaMessage(messageId);
      if (content.kind !== 'image' && content.kind !== 'sticker')
        throw new MagpieError('not-allowed', 'not a picture');
      await runtime.media.keepSticker(content);
      return ownStickers(runtime.media);
    },
    'stickers:remove': async ({ id }) => {
      const { media } = await session.runtime();
      await media.stickers.remove(id);
      return ownStickers(media);
    },
    'stickers:restore': async ({ id, accountKey }) => {
      const { media } = await session.runtimeOf(accountKey);
      await media.stickers.restore(id);
    },
    'stickers:stage': async ({ id, file }) => {
      const { media } = await session.runtime();
      const staged = await media.stageSticker(id, file);
      return { id: staged.id, name: staged.name, size: staged.size };
    },
  };
}

async function keptTrays(media: AccountMedia): Promise<KeptTray[]> {
  const kept: KeptTray[] = [];
  for (const [conversationId, items] of await media.trays.list()) {
    const files = await presentItems(items, media);
    if (files.length > 0) kept.push({ conversationId, files });
  }
  return kept;
}

async function keptRecordings({ recordings }: AccountMedia): Promise<KeptRecording[]> {
  const all = [...(await recordings.list())];
  return all.flatMap(([conversationId, items]) =>
    items.map((item) => ({ ...item, conversationId, url: fileUrl(STAGE_PREFIX + item.file) })),
  );
}

/** Those that are still there. */
async function presentItems(
  items: readonly TrayItem[],
  { staged }: AccountMedia,
): Promise<KeptTray['files']> {
  const files: KeptTray['files'] = [];
  for (const item of items) {
    const file = await staged(item.file);
    if (file === null) continue;
    const { name, mime, size } = file;
    files.push({ ...item, name, mime, size, url: fileUrl(STAGE_PREFIX + item.file) });
  }
  return files;
}

async function ownStickers({ stickers }: AccountMedia): Promise<OwnSticker[]> {
  return (await stickers.list()).map(({ id, name, width, height }) => ({
    ...{ id, name, width, height },
    url: fileUrl(STICKER_PREFIX + id),
  }));
}

function waiting({ unprepared }: { unprepared?: Preparation | undefined }): { unprepared?: Preparation } {
  return unprepared === undefined ? {} : { unprepared };
}

/** Names, sizes and types come from what is staged, not from the page. */
async function contentOf(draft: MediaDraft, media: AccountMedia): Promise<MediaContent> {
  const fileOf = async (id: string): Promise<MediaFile> => {
    const staged = await media.staged(id);
    if (staged === null) throw new MagpieError('file-gone', 'no such staged file');
    return { url: STAGE_PREFIX + id, name: staged.name, size: staged.size, mime: staged.mime };
  };
  const addressOf = async (id: string | undefined): Promise<string> =>
    id === undefined ? '' : (await fileOf(id)).url;
  const file = await fileOf(draft.file);
  switch (draft.kind) {
    case 'image': {
      const { width, height, preview } = draft;
      const thumb = await addressOf(draft.thumb);
      return { kind: 'image', text: '', file, thumb, width, height, preview, ...waiting(draft) };
    }
    case 'video': {
      const { width, height, preview, duration } = draft;
      const poster = await addressOf(draft.poster);
      return { kind: 'video', text: '', file, poster, width, height, preview, duration, ...waiting(draft) };
    }
    case 'sticker': {
      const { name, width, height } = draft;
      return { kind: 'sticker', text: '', name, file, width, height };
    }
    case 'voice':
      return { kind: 'voice', text: '', file, duration: draft.duration, waveform: draft.waveform };
    case 'file':
      return { kind: 'file', text: '', file: draft.quiet === true ? await media.quiet(file) : file };
  }
}
