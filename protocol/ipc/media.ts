/** Files: staged for sending, made ready by the window, loaded, saved, and stickers made of them. */
import { z } from 'zod';
import type { ConversationId } from '../model/conversation.ts';
import type { Message, Preparation } from '../model/message.ts';
import { invoke, conversation, message, nothing } from './call.ts';

const stage = z.uuid();
const picture = {
  width: z.number().int().min(0).max(100_000),
  height: z.number().int().min(0).max(100_000),
};
const preview = z
  .string()
  .max(4_000)
  .regex(/^(data:image\/(webp|jpeg|png);base64,[\w+/=]+)?$/u);

const preparation = z.enum(['compress', 'keep']);

const voice = {
  file: stage,
  /** Milliseconds. */
  duration: z.number().min(0).max(86_400_000),
  waveform: z.array(z.number().int().min(0).max(100)).max(200),
};

/** What the window says about a message of staged files; names, sizes and types are those of the files. */
export const mediaDraft = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('image'),
    file: stage,
    thumb: stage.optional(),
    preview,
    unprepared: preparation.optional(),
    ...picture,
  }),
  z.object({ kind: z.literal('sticker'), file: stage, name: z.string().max(50), ...picture }),
  z.object({
    kind: z.literal('video'),
    file: stage,
    poster: stage.optional(),
    preview,
    duration: z.number().min(0).max(86_400_000),
    unprepared: preparation.optional(),
    ...picture,
  }),
  z.object({ kind: z.literal('voice'), ...voice }),
  z.object({
    kind: z.literal('file'),
    file: stage,
    /** A picture that the window cannot draw: what it tells beside its look stays here. */
    quiet: z.boolean().optional(),
  }),
]);
export type MediaDraft = z.infer<typeof mediaDraft>;

/** Bytes of a file that has no place on a disk: something pasted, recorded or drawn. */
const LARGEST_PASTE = 256 * 1024 * 1024;
const bytes = z.instanceof(Uint8Array).refine(({ byteLength }) => byteLength <= LARGEST_PASTE);
const drawn = z.object({ name: z.string().max(1000), mime: z.string().max(200), bytes });

/** What the window made of a picture or film before it is sent. */
export const preparedMedia = z.object({
  /** Takes the place of the file; without it the file goes as it is. */
  file: drawn.optional(),
  /** A smaller version, or a picture out of a film. */
  small: drawn.optional(),
  preview,
  duration: z.number().min(0).max(86_400_000).optional(),
  ...picture,
});
export type PreparedMedia = z.infer<typeof preparedMedia>;

/** A file of a message that waits to be made ready. */
export interface Preparable {
  messageId: string;
  kind: 'image' | 'video';
  preparation: Preparation;
  name: string;
  mime: string;
  /** Bytes. */
  size: number;
}

/** How far a file is on its way. `id` is that of the staged file upwards and of the message downwards. */
export interface TransferProgress {
  id: string;
  direction: 'up' | 'down';
  /** Bytes. */
  done: number;
  /** 0 when nobody knows. */
  total: number;
}

/** A file that main keeps for sending. */
export interface StagedFile {
  id: string;
  name: string;
  size: number;
}

/** One file in the tray of a conversation, and how it is to go. */
const trayItem = z.object({ file: stage, asFile: z.boolean(), original: z.boolean() });
export type TrayItem = z.infer<typeof trayItem>;

/** The tray of a conversation as main keeps it. */
export interface KeptTray {
  conversationId: ConversationId;
  files: (TrayItem & {
    name: string;
    mime: string;
    /** Bytes. */
    size: number;
    /** For the window. */
    url: string;
  })[];
}

/** What was spoken in a conversation and is not sent yet, as main keeps it. */
export interface KeptRecording {
  conversationId: ConversationId;
  file: string;
  /** For the window. */
  url: string;
  /** Milliseconds. */
  duration: number;
  waveform: number[];
}

/** What comes from the main window to a conversation in a window of its own. */
export interface HandedOver extends KeptTray {
  /** For the field; empty for none. */
  words: string;
}

/** A sticker of the person's own. */
export interface OwnSticker {
  id: string;
  name: string;
  /** For the window. */
  url: string;
  /** Pixels. */
  width: number;
  height: number;
}

/** Why a file of a message cannot be shown now, or that it can. `loading`: a part of it is here, and the rest comes. */
export type MediaState = 'here' | 'loading' | 'on-server' | 'gone' | 'refused' | 'unreachable';

export const mediaCalls = {
  /**
   * Keeps a file for sending. Not for the page: the preload calls it with a file that the person chose, so that a page that
   * went wrong cannot name files by itself.
   */
  'media:stage': invoke<StagedFile>()(
    z.object({
      id: stage,
      mime: z.string().max(200),
      source: z.union([
        z.object({ path: z.string().min(1).max(10_000) }),
        /** Becomes an archive: `invalid-input` with the field `folder-empty` or `folder-too-large`, `cancelled` after `media:discard`. */
        z.object({ folder: z.string().min(1).max(10_000) }),
        z.object({
          name: z.string().max(1000),
          bytes,
        }),
      ]),
    }),
  ),
  /** Staged files that will not be sent after all. */
  'media:discard': invoke<void>()(z.object({ files: z.array(stage).max(1000) })),
  /**
   * What lies in the tray of a conversation, in its order; what is sent or discarded leaves it by itself. `not-allowed` for a
   * window that does not show the conversation: it does not know what lies there.
   */
  'media:save-tray': invoke<void>()(conversation.extend({ files: z.array(trayItem).max(1000) })),
  /**
   * What was dropped in the main window onto a conversation that has a window of its own: into the tray and field there, and
   * that window comes to the front. False where it has none any more: the files are kept in its tray all the same.
   */
  'media:hand-over': invoke<boolean>()(
    conversation.extend({ files: z.array(trayItem).max(1000), words: z.string().max(200_000) }),
  ),
  /** What this window, one before it or an earlier run left in the trays of the account. */
  'media:trays': invoke<KeptTray[]>()(nothing),
  /** It waits in its conversation, in the place of one before it; what is sent or discarded is forgotten by itself. */
  'media:keep-recording': invoke<void>()(conversation.extend(voice)),
  /** What this window, one before it or an earlier run left to be sent. */
  'media:recordings': invoke<KeptRecording[]>()(nothing),
  /** Durable in history, in its place among the others, when this answers; the files follow by themselves. */
  'messages:send-media': invoke<Message>()(conversation.extend({ content: mediaDraft })),
  /**
   * Files of messages that wait in an outbox, of whichever account, for being made ready: the window has the decoders, so
   * it does that, also for what an earlier run left.
   */
  'preparations:list': invoke<Preparable[]>()(nothing),
  /** `not-found` when nobody waits for it any more. */
  'preparations:read': invoke<Uint8Array>()(message),
  /** What became of one, null when it can be neither drawn nor played and so goes as a file; null when nobody waited for it. */
  'preparations:finish': invoke<Message | null>()(message.extend({ made: preparedMedia.nullable() })),
  /** Largest file that the server takes, bytes. */
  'media:limit': invoke<number>()(nothing),
  /** Does the server let the person choose where files go? */
  'media:chooses-place': invoke<boolean>()(nothing),
  'media:state': invoke<MediaState>()(message),
  /** Writes the file into the person's downloads; `media:progressed` tells of the way. */
  'media:save': invoke<{ path: string }>()(message),
  /** Asks where to; null when the person named no place. */
  'media:save-as': invoke<{ path: string } | null>()(message),
  'media:cancel-save': invoke<void>()(message),
  /** With the program the system has for it; saves it first where needed. `runs-program` for programs without `anyway`. */
  'media:open': invoke<void>()(message.extend({ anyway: z.boolean() })),
  'media:show-in-folder': invoke<void>()(message),
  'media:copy-image': invoke<void>()(message),
  /** Bytes that loaded files take now. */
  'media:cache-size': invoke<number>()(nothing),
  /** Forgets loaded files; those that are to stay do. */
  'media:clear-cache': invoke<void>()(nothing),
  /** A file stays on this computer, whatever else needs room, or may go again; says which of the two now. */
  'media:toggle-kept': invoke<{ kept: boolean }>()(message),
  /** Does it stay, whatever else needs room? */
  'media:is-kept': invoke<{ kept: boolean }>()(message),
  /**
   * Puts the file where another program can take it from; answers when `media:drag` can begin. `media:progressed` tells of the
   * way, and `media:cancel-save` ends it.
   */
  'media:prepare-drag': invoke<void>()(message),
  /** The mouse let go before it could begin: what was put there goes again. */
  'media:release-drag': invoke<void>()(message),
  /** The mouse drags it out of the window, under its own name; ends when it is let go. */
  'media:drag': invoke<void>()(message),

  /** The person's own, newest first. */
  'stickers:list': invoke<OwnSticker[]>()(nothing),
  /** Makes one of a staged picture. `invalid-input` with the field `size` or `count` when there is no room for it. */
  'stickers:add': invoke<OwnSticker[]>()(z.object({ file: stage, name: z.string().max(50), ...picture })),
  /** Keeps the picture of a message as a sticker. */
  'stickers:keep': invoke<OwnSticker[]>()(message),
  'stickers:remove': invoke<OwnSticker[]>()(z.object({ id: stage })),
  /** Puts one back that was removed since the start, whichever account is shown meanwhile. */
  'stickers:restore': invoke<void>()(z.object({ id: stage, accountKey: z.string().min(1).max(64) })),
  /** Stages one for sending, under a UUID of the caller. */
  'stickers:stage': invoke<StagedFile>()(z.object({ id: stage, file: stage })),
} as const;
