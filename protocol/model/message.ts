import type { AccountId } from './account.ts';
import type { ConversationId } from './conversation.ts';
import type { Mentions } from './group.ts';

/**
 * What a message says. Kinds that this version cannot draw arrive as `unsupported` with a label, so that nothing
 * that somebody sent is ever invisible.
 */
export type MessageContent =
  | {
      kind: 'text';
      text: string;
      /** An answer that its sender had prepared: nobody wrote it now. */
      automatic?: true;
      /** What its sender saw of a page that it names. */
      card?: LinkCard;
    }
  | { kind: 'notice'; text: string; about?: NoticeParties }
  | ImageContent
  | StickerContent
  | VideoContent
  | VoiceContent
  | FileContent
  | { kind: 'unsupported'; label: string; text: string; url?: string };

/** What a page says of itself, as whoever sent the link saw it: nothing is loaded to show it. */
export interface LinkCard {
  /** As it stands in the text. */
  url: string;
  title: string;
  description: string;
  site: string;
  /** A small picture as a data address; empty for none. */
  picture: string;
}

/** Whom a notice speaks of, beside the names in its words; missing where the server does not tell. */
export interface NoticeParties {
  accountId?: AccountId;
  /** Null when they came by themselves. */
  inviterId?: AccountId | null;
}

/** A file of a message. `text` of such messages is empty: it keeps copying and searching the same for all kinds. */
export interface MediaFile {
  /** Absolute address on the server, or `stage:<id>` while it is on this machine only. */
  url: string;
  name: string;
  /** Bytes; 0 when nobody said. */
  size: number;
  mime: string;
}

interface Picture {
  /** Pixels, upright; 0 when nobody said. */
  width: number;
  height: number;
}

/** How a file becomes what is sent: `compress` draws it anew where that makes it smaller, `keep` leaves its bytes alone. */
export type Preparation = 'compress' | 'keep';

export interface ImageContent extends Picture {
  kind: 'image';
  text: '';
  file: MediaFile;
  /** Address of a smaller version; empty when the picture itself is small. */
  thumb: string;
  /** A few hundred bytes of picture as a data address, for the time before anything is loaded; empty for none. */
  preview: string;
  /** On this machine only: it has its place in the outbox, which waits until it is ready to be sent. */
  unprepared?: Preparation;
}

export interface StickerContent extends Picture {
  kind: 'sticker';
  text: '';
  name: string;
  file: MediaFile;
}

export interface VideoContent extends Picture {
  kind: 'video';
  text: '';
  file: MediaFile;
  /** Address of a picture out of it; empty for none. */
  poster: string;
  preview: string;
  /** Milliseconds; 0 when nobody said. */
  duration: number;
  /** As for pictures. */
  unprepared?: Preparation;
}

export interface VoiceContent {
  kind: 'voice';
  text: '';
  file: MediaFile;
  /** Milliseconds; 0 when nobody said. */
  duration: number;
  /** Loudness over time, 0 to 100; empty when nobody said. */
  waveform: number[];
}

export interface FileContent {
  kind: 'file';
  text: '';
  file: MediaFile;
}

export type MediaContent = ImageContent | StickerContent | VideoContent | VoiceContent | FileContent;

/** Marks an address of a file that is on this machine only. */
export const STAGE_PREFIX = 'stage:';

export function isMedia(content: MessageContent): content is MediaContent {
  return 'file' in content;
}

/** A content that has to be made ready before it is sent. */
export type UnpreparedContent = (ImageContent | VideoContent) & { unprepared: Preparation };

export function isUnprepared(content: MessageContent): content is UnpreparedContent {
  return 'unprepared' in content && content.unprepared !== undefined;
}

/** All addresses of a content, those of small versions first: they are what a receiver shows first. */
export function addressesOf(content: MediaContent): string[] {
  const small = content.kind === 'image' ? content.thumb : content.kind === 'video' ? content.poster : '';
  return [...(small === '' ? [] : [small]), content.file.url];
}

/** The same content with other addresses. */
export function withAddresses<Content extends MediaContent>(
  content: Content,
  change: (address: string) => string,
): Content {
  const file = { ...content.file, url: change(content.file.url) };
  if (content.kind === 'image') {
    return { ...content, file, thumb: content.thumb === '' ? '' : change(content.thumb) };
  }
  if (content.kind === 'video') {
    return { ...content, file, poster: content.poster === '' ? '' : change(content.poster) };
  }
  return { ...content, file };
}

export type MessageKind = MessageContent['kind'];

/**
 * Life of a message on this machine.
 * `pending`: durable here, not yet acknowledged. `sent`: the server has it (also every received message).
 * `failed`: refused for good, `failure` says why. `unconfirmed`: the answer was lost on a server where a repeat
 * could become a second copy, so the person decides. `read`: acknowledged and read by the other side.
 */
export type MessageStatus = 'pending' | 'sent' | 'failed' | 'unconfirmed' | 'read';

/**
 * Place in the conversation: compare `major`, then `minor`, then `ordinal`.
 * `major` is the server's `seq`; unacknowledged messages carry {@link PENDING_MAJOR} and so stay at the end. Clocks of
 * client machines never take part in it.
 */
export interface MessagePosition {
  major: number;
  minor: number;
  /** Local row number, in order of arrival on this machine. */
  ordinal: number;
}

export const PENDING_MAJOR = Number.MAX_SAFE_INTEGER;

export function comparePositions(a: MessagePosition, b: MessagePosition): number {
  return a.major - b.major || a.minor - b.minor || a.ordinal - b.ordinal;
}

export interface MessageFailure {
  /** The server's own sentence, if it gave one. */
  serverText?: string;
  code: string;
}

export interface Message {
  /** Local id: stable for the whole life of the row, from pending to sent and after every restart. */
  id: string;
  conversationId: ConversationId;
  /** Null until the server acknowledged it. */
  serverId: string | null;
  position: MessagePosition;
  senderId: AccountId;
  senderName: string;
  senderAvatar: string;
  own: boolean;
  content: MessageContent;
  status: MessageStatus;
  failure: MessageFailure | null;
  /** Waits on this machine until then, so that it can be undone; missing for all others. */
  heldUntil?: number;
  recalled: boolean;
  /** Members whom it means, in groups. */
  mentions?: Mentions;
  /** I am one of them. */
  meansMe?: true;
  /** The server would still take it back for everybody; its answer is the last word. */
  recallable: boolean;
  /** Until when, in milliseconds of this computer's clock though measured by the server's; with `recallable` only. */
  recallableUntil?: number;
  /** Milliseconds; the server's clock once acknowledged, before that this machine's. */
  createdAt: number;
}
