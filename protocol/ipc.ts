/**
 * The bridge, in ONE map: every call the window can make (input schema and result type) and every event it can
 * receive. Main, preload and window derive their types from here; channel names follow `area:verb-noun`. The calls
 * are described by area in `ipc/`.
 *
 * Importing this file brings the schema library along. The sandboxed preload must not, so it takes the bare channel
 * names from `ipc-channels.ts`, which the types below keep equal to this map.
 */
import type { z } from 'zod';
import type { WireError } from './errors.ts';
import { appCalls, type AppCommand, type LockState, type Notice } from './ipc/app.ts';
import type { Invoke } from './ipc/call.ts';
import { conversationCalls, type AccountChanges } from './ipc/conversations.ts';
import { deskCalls } from './ipc/desk.ts';
import { groupCalls } from './ipc/groups.ts';
import { mediaCalls, type HandedOver, type StagedFile, type TransferProgress } from './ipc/media.ts';
import { networkCalls } from './ipc/network.ts';
import { peopleCalls } from './ipc/people.ts';
import { serverCalls } from './ipc/server.ts';
import { sessionCalls } from './ipc/session.ts';
import type { AccountId, Presence } from './model/account.ts';
import type { Progress } from './model/completeness.ts';
import type { ConversationId } from './model/conversation.ts';
import type { DoctorResult } from './model/doctor.ts';
import type { GroupId, GroupMarks } from './model/group.ts';
import type { NetworkSettings } from './model/network.ts';
import type { FoundServer, OfficeState } from './model/office.ts';
import type {
  AccountList,
  ConnectionState,
  EmbeddedServerState,
  SessionState,
  StorageState,
} from './model/session.ts';
import type { NotificationSound, Settings } from './model/settings.ts';
import type { UpdateState } from './model/update.ts';

export type {
  AppCommand,
  AppSnapshot,
  CapturableWindow,
  Device,
  LockState,
  OpenChat,
  Notice,
  NoticeFact,
  SpellingOffer,
} from './ipc/app.ts';
export {
  MAX_MESSAGE_LENGTH,
  MOST_FORWARDS,
  type AccountChanges,
  type DatedPage,
  type HistoryChanges,
  type LinkPreview,
  type MediaPage,
  type MediaSort,
  type MessagePage,
  type SearchHit,
} from './ipc/conversations.ts';
export {
  mediaDraft,
  preparedMedia,
  type HandedOver,
  type KeptRecording,
  type KeptTray,
  type MediaDraft,
  type MediaState,
  type OwnSticker,
  type Preparable,
  type PreparedMedia,
  type StagedFile,
  type TransferProgress,
  type TrayItem,
} from './ipc/media.ts';

export const invokes = {
  ...appCalls,
  ...serverCalls,
  ...sessionCalls,
  ...networkCalls,
  ...conversationCalls,
  ...mediaCalls,
  ...peopleCalls,
  ...groupCalls,
  ...deskCalls,
} as const;

/** Payload of every event, by channel. */
export interface Events {
  'session:changed': SessionState;
  /** The accounts of this app; other events are of the one on screen, unless they name their account. */
  'accounts:changed': AccountList;
  /** The history is about to close: what is being typed must be stored now, and `session:ready-to-end` called. */
  'session:ending': null;
  'connection:changed': ConnectionState;
  'storage:changed': StorageState;
  'server:changed': EmbeddedServerState;
  'office:changed': OfficeState;
  /** All servers that announce themselves on the network now. */
  'discovery:changed': FoundServer[];
  'settings:changed': Settings;
  'network:changed': NetworkSettings;
  'doctor:progressed': DoctorResult;
  'history:changed': AccountChanges;
  /** The contact list or the applications changed on the server; fetch again. */
  'contacts:changed': { pendingCount: number };
  /** Who types there now, beside the person; empty when it ended. */
  'typing:changed': { conversationId: ConversationId; accountIds: AccountId[] };
  'presence:changed': Presence;
  /** These groups, or what I have to do with them, are not as they were: ask again. */
  'groups:changed': { groupIds: GroupId[] };
  'groups:marks-changed': { groupId: GroupId; marks: GroupMarks };
  'check:progressed': Progress;
  'export:progressed': Progress;
  'media:progressed': TransferProgress;
  /** Sent to the conversation's own window. */
  'media:handed-over': HandedOver;
  'notice:posted': Notice;
  'app:commanded': AppCommand;
  'lock:changed': LockState;
  /** Conversations of the account on screen that have a window of their own. */
  'windows:changed': { conversationIds: ConversationId[] };
  'updates:changed': UpdateState;
  /** The sound of a notification; sent to one window. */
  'sound:requested': { sound: NotificationSound };
}

export type InvokeMap = typeof invokes;
export type InvokeChannel = keyof InvokeMap;
export type EventChannel = keyof Events;
export type InvokeInput<Channel extends InvokeChannel> = z.input<InvokeMap[Channel]['input']>;
export type InvokeResult<Channel extends InvokeChannel> =
  InvokeMap[Channel] extends Invoke<z.ZodType, infer Result> ? Result : never;

/** What comes back over the wire: errors are values, because Electron flattens thrown ones to a string. */
export type InvokeOutcome<Result> = { ok: true; value: Result } | { ok: false; error: WireError };

/** Areas of calls about the account on screen. */
const ACCOUNT_AREAS: ReadonlySet<string> = new Set([
  'conversations',
  'messages',
  'contacts',
  'groups',
  'profile',
  'media',
  'windows',
  'stickers',
  'desk',
]);

/** True for calls that must not reach another account than the one that the window showed when it made them. */
export function isOfAccount(channel: InvokeChannel): boolean {
  return ACCOUNT_AREAS.has(channel.slice(0, channel.indexOf(':')));
}

/** The object that the preload exposes as `window.magpie`. */
export interface MagpieBridge {
  /** `account` is the key of the account that the window shows: main refuses what is meant for another one. */
  invoke<Channel extends InvokeChannel>(
    channel: Channel,
    input?: InvokeInput<Channel>,
    account?: string | null,
  ): Promise<InvokeOutcome<InvokeResult<Channel>>>;
  /** Keeps a file that the person dropped, pasted or chose (a `File` of the page) for sending; `id` is a UUID of the caller. */
  stage(file: unknown, id: string, account?: string | null): Promise<InvokeOutcome<StagedFile>>;
  /** The same for a folder that the person dropped or pasted: it is kept as one archive. */
  stageFolder(folder: unknown, id: string, account?: string | null): Promise<InvokeOutcome<StagedFile>>;
  /** Gives the function that ends the subscription. */
  on<Channel extends EventChannel>(
    channel: Channel,
    listener: (payload: Events[Channel]) => void,
  ): () => void;
}
