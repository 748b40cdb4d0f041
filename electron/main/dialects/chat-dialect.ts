import type { Account } from '#protocol/model/account';
import type { ConversationId, ConversationKind, ServiceLink } from '#protocol/model/conversation';
import type { LinkCard, MediaContent, MessageContent, MessageFailure } from '#protocol/model/message';
import type { Mentions } from '#protocol/model/group';
import type { MagpieError } from '#protocol/errors';
import type { UploadPlace } from '#protocol/model/settings';
import type { Readable } from 'node:stream';
import type { OpenNetwork } from '../network/open-network.ts';
import type { GroupCalls, GroupState } from './group-calls.ts';
import type { PeopleDialect } from './people-dialect.ts';
import type { ServiceDeskDialect } from './service-desk-dialect.ts';

/** What a message says about its conversation; names and avatars change only with messages. */
export interface ConversationFacts {
  id: ConversationId;
  kind: ConversationKind;
  /** Null when this message does not tell it. */
  name: string | null;
  /** Absolute URLs; null when this message does not tell them. */
  avatars: string[] | null;
  link: ServiceLink | null;
}

/** A message as a server delivered it, in our own words. */
export interface IncomingMessage {
  serverId: string;
  /** The sender's own id, kept for our own messages only: those of others could be chosen to collide. */
  clientMessageId: string | null;
  conversation: ConversationFacts;
  /** The server's number in the conversation; null on servers without. */
  sequence: number | null;
  senderId: number;
  senderName: string;
  senderAvatar: string;
  own: boolean;
  content: MessageContent;
  createdAt: number;
  /** Whether it counts as unread: standing hints of the server do not. */
  counts: boolean;
  /** A standing hint that the server repeats at every connection: kept once per conversation. */
  standing: boolean;
  /** A standing hint that takes the place of the one that is here, such as the one with a new picture. */
  refreshes?: boolean;
  /** The server keeps its number only. */
  recalled: boolean;
  /** Members whom it means, in groups. */
  mentions?: Mentions | null;
  /** I am one of them, and did not write it. */
  meansMe?: boolean;
}

export interface Recall {
  conversationId: ConversationId;
  serverId: string;
  /** What is left of the message, for one that never came here; null when the server does not tell. */
  tombstone: {
    sequence: number;
    senderId: number;
    senderName: string;
    own: boolean;
    createdAt: number;
  } | null;
}

/** Where a conversation stands by the server's numbers. */
export interface ConversationState {
  facts: ConversationFacts;
  headSeq: number;
  firstSeq: number;
  readSeq: number;
  peerReadSeq: number | null;
  /** Groups only: what I may see, oldest first. Numbers outside are no holes. */
  windows?: { first: number; last: number | null }[];
  /** My membership is over. */
  ended?: 'left' | 'removed' | 'dissolved' | null;
}

/** How far one side has read; the other is null. */
export interface ConversationMarks {
  conversationId: ConversationId;
  own: number | null;
  peer: number | null;
}

/** A piece of the change log. */
export interface SyncPage {
  /** The log could not be continued: these are the states of everything. */
  reset: boolean;
  conversations: ConversationState[];
  recalls: Recall[];
  /** Groups that changed, or my relation to them. */
  groups?: GroupState[];
  contacts: boolean;
  cursor: number;
  more: boolean;
}

export interface HistoryPage {
  /** Ascending. */
  messages: IncomingMessage[];
  headSeq: number;
  firstSeq: number;
}

export type HistoryBounds = { beforeSeq: number; limit: number } | { afterSeq: number; limit: number };

/** What a server can do beyond `egg-im`; asked anew with every connection. */
export interface Abilities {
  sync: boolean;
  read: boolean;
  presence: boolean;
  typing: boolean;
  /** Milliseconds after sending in which a message can be taken back; null when it cannot. */
  recallLimit: number | null;
  /** Largest file, bytes. */
  uploadLimit: number;
  /** Friends are marked in the list, and an alias can be changed. */
  contacts: boolean;
}

export const NO_ABILITIES: Abilities = {
  sync: false,
  read: false,
  presence: false,
  typing: false,
  recallLimit: null,
  // What section 5.6 of the protocol says of servers without extensions.
  uploadLimit: 50 * 1024 * 1024,
  contacts: false,
};

/** What only matters now; each of them may be lost without harm. */
export type Signal =
  | { type: 'ready' | 'changed'; cursor: number }
  | { type: 'read'; marks: ConversationMarks }
  | { type: 'typing'; conversationId: ConversationId; accountId: number }
  | { type: 'presence'; accountId: number; online: boolean }
  /** Something happened to my membership of a group: the log tells it. */
  | { type: 'membership' }
  | { type: 'group-read'; groupId: number; marks: { accountId: number; readSeq: number }[] };

export type DomainEvent =
  | { type: 'message'; message: IncomingMessage }
  | { type: 'recall'; conversationId: ConversationId; serverId: string };

/** One frame of the socket, understood. */
export type Frame =
  | { type: 'ping' }
  | { type: 'pong' }
  | { type: 'system' }
  | {
      type: 'refused';
      serverText: string;
      /** It says that the token is none; other reasons may pass by themselves. */
      badToken: boolean;
    }
  | { type: 'kicked'; serverText: string }
  | {
      type: 'event';
      event: DomainEvent;
      /** Somebody applied for friendship (`application`) or the contact list may have changed (`contacts`). */
      effect: 'application' | 'contacts' | null;
    }
  | { type: 'signal'; signal: Signal }
  | { type: 'malformed'; why: string };

export interface RecallTarget {
  conversationId: ConversationId;
  serverId: string;
  createdAt: number;
  name: string;
  avatar: string;
}

export interface OutgoingText {
  clientMessageId: string;
  conversationId: ConversationId;
  text: string;
  card?: LinkCard;
  /** Left out by servers without the extension. */
  mentions?: Mentions | null;
}

export interface OutgoingMedia {
  clientMessageId: string;
  conversationId: ConversationId;
  /** With addresses on the server only. */
  content: MediaContent;
  /** Ids of the uploads among them that were made for this message. */
  uploads: readonly string[];
}

/** Where a file is loaded from, and with what. */
export interface FileAccess {
  url: string;
  headers: Record<string, string>;
  /** Not the server's host, but one that somebody's message names: on the public network or not at all. */
  outside?: boolean;
}

/** A file to upload; `read` may be called again, from any byte, after a cut. */
export interface UploadOrder {
  /** A UUID: a repeat with the same one goes on where the first was cut. */
  id: string;
  name: string;
  mime: string;
  size: number;
  sha256: string;
  /** Where the person wants it; the server, where there is no choice. */
  place: UploadPlace;
  /** Its address by an earlier upload, which the server may have forgotten. */
  earlier: string | null;
  read(start: number): Promise<Readable>;
  signal: AbortSignal;
  /** Bytes that are through. */
  onProgress(done: number): void;
}

export interface Acknowledgement {
  serverId: string;
  sequence: number | null;
  createdAt: number;
  conversation: ConversationFacts;
}

/**
 * `retry`: it certainly did not arrive, or a repeat is harmless. `unknown`: the answer was lost and a repeat could
 * become a second copy.
 */
export type SendResult =
  | { kind: 'acknowledged'; acknowledgement: Acknowledgement }
  /** `ended`: it says on the way that one is no member of the group, or that there is none any more. */
  | { kind: 'refused'; failure: MessageFailure; ended?: 'removed' | 'dissolved' }
  /** The server has forgotten files of it: upload them again, then repeat. */
  | { kind: 'uploads-gone' }
  | { kind: 'retry'; afterSeconds: number | null }
  | { kind: 'unknown' }
  | { kind: 'session-ended'; error: MagpieError };

export interface Credentials {
  username: string;
  password: string;
}

export interface SignedIn {
  account: Account;
  token: string;
}

/** What a server lets anybody do: become somebody. Failures are {@link MagpieError}s. */
export interface ServerEntrance {
  signIn(credentials: Credentials): Promise<SignedIn>;
  register(credentials: Credentials): Promise<SignedIn>;
  /** Makes the guest of this device a user, who keeps their id, friends and messages. */
  registerGuest(credentials: Credentials, guest: Pick<Account, 'uuid'>): Promise<SignedIn>;
  enterAsGuest(): Promise<SignedIn>;
}

/** One signed-in account's talk with its server, whatever the wire looks like. Failures are {@link MagpieError}s. */
export interface ChatDialect {
  readonly groups: GroupCalls;
  /** True when a repeated send with the same client id is one message for the server. */
  readonly idempotentSend: boolean;
  /** True when the server says clearly why it closes a socket, so that other closes are network trouble. */
  readonly clearCloseReasons: boolean;
  readonly pingFrame: string;
  readonly pongFrame: string;
  socketUrl(): string;
  /** The way to the server; the socket and the files of messages take it too. */
  readonly network: Pick<OpenNetwork, 'agents' | 'fetch' | 'outside'>;
  /** Never throws: what it cannot read is `malformed`. */
  parseFrame(text: string): Frame;
  /** Asks for what was queued while we were away; also the proof that the token still lives. */
  flushOffline(): Promise<void>;
  signOut(): Promise<void>;
  /** Gives up every call that is under way: nobody waits for its answer any more. */
  abandon(): void;
  /**
   * The line was lost, or may be: gives up the questions that are under way (they fail as unreachable and may be asked
   * again) and closes the connections that are kept for the next ones. Sends and other deeds go on.
   */
  renewLines(): void;
  /** Nothing on plain servers; throws when a server with extensions does not answer. */
  abilities(): Promise<Abilities>;
  sync(cursor: number | null): Promise<SyncPage>;
  history(conversationId: ConversationId, bounds: HistoryBounds): Promise<HistoryPage>;
  markRead(conversationId: ConversationId, sequence: number): Promise<void>;
  recall(target: RecallTarget): Promise<void>;
  typingFrame(conversationId: ConversationId): string;
  watchFrame(accountIds: readonly number[]): string;
  /** Never throws. With a signal it can be given up: like a lost answer. */
  sendText(message: OutgoingText, signal?: AbortSignal): Promise<SendResult>;
  /** Like {@link ChatDialect.sendText}. */
  sendMedia(message: OutgoingMedia, signal?: AbortSignal): Promise<SendResult>;
  /** Does the server let people choose where their files go? Its last word. */
  readonly choosesPlace: boolean;
  /** Returns the absolute address. `refused`, `storage-refused` and `file-gone` are final, all else is worth another try. */
  upload(order: UploadOrder): Promise<string>;
  /** The server may forget an upload. */
  giveUpUpload(id: string): Promise<void>;
  /** A picture out of a film that was uploaded, and its size in pixels; null where the server makes none. */
  cover(videoUrl: string): Promise<{ url: string; width: number; height: number } | null>;
  /** Where the storage that a film lies in would give a picture out of it; null for films that lie with the server. */
  snapshotOf(videoUrl: string): string | null;
  /** How a file may be loaded; null when it is neither the server's own nor in the storage behind it. */
  accessTo(url: string): FileAccess | null;
  readonly people: PeopleDialect;
  readonly desk: ServiceDeskDialect;
}
