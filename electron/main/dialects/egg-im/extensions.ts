/** The extensions of our server on the wire: change log, older messages, read marks, recall, typing, presence. */
import { z } from 'zod';
import { MagpieError } from '#protocol/errors';
import { conversationId, parseConversationId, type ConversationId } from '#protocol/model/conversation';
import { CAPABILITIES_PATH, wireCapabilities } from '#protocol/wire/capabilities';
import { CONTACTS_EXTENSION } from '#protocol/wire/contacts';
import { wireMessage } from '#protocol/wire/message';
import { UPLOADS_EXTENSION, wireUploadLimits } from '#protocol/wire/uploads';
import {
  extensionFrame,
  HISTORY_PATH,
  READ_PATH,
  SYNC_EXTENSIONS,
  SYNC_PATH,
  wireChange,
  type ExtensionFrame,
  type WireChange,
} from '#protocol/wire/sync';
import {
  NO_ABILITIES,
  type Abilities,
  type Frame,
  type HistoryBounds,
  type HistoryPage,
  type IncomingMessage,
  type RecallTarget,
  type Signal,
  type SyncPage,
} from '../chat-dialect.ts';
import type { AuthenticatedCall } from './people.ts';
import { groupState } from './groups.ts';
import { exchange } from './http-client.ts';
import type { Network } from '../../network/network.ts';
import { unreachable } from '../../network/problems.ts';
import type { Lines } from './lines.ts';
import { clip, resolveAvatar, resolveUrlList, timeOf, toIncomingMessage, type Reader } from './normalise.ts';

/** Entries that one answer may bring. */
const SYNC_LIMIT = 200;
const REVOKE_PATH = '/api/chat/revokeMessage';

// Entries are read one by one: one that a later version made up must not cost the others.
const syncAnswer = z.object({
  reset: z.boolean(),
  changes: z.array(z.unknown()),
  cursor: z.number().int().nonnegative(),
  more: z.boolean(),
});
const historyAnswer = z.object({
  messages: z.array(z.unknown()),
  head_seq: z.number().int().nonnegative(),
  first_seq: z.number().int().positive(),
});

/** Milliseconds, bare or under a name. */
const recallAbility = z.union([
  z.number().positive(),
  z.looseObject({ limit_ms: z.number().positive() }).transform(({ limit_ms }) => limit_ms),
]);

/** Without `takesPieces` files go up as forms; without `makesCovers` nobody need ask for a picture out of a film; `choosesPlace`: people say which files go to its object storage. */
export async function fetchAbilities(
  origin: string,
  { network, lines }: { network: Pick<Network, 'agents'>; lines: Lines },
  signal: AbortSignal,
): Promise<{ abilities: Abilities; takesPieces: boolean; makesCovers: boolean; choosesPlace: boolean }> {
  const { status, json } = await exchange(origin + CAPABILITIES_PATH, {
    timeoutMilliseconds: 8_000,
    network,
    lines,
    signal,
  }).catch((thrown: unknown) => {
    throw unreachable('no answer', thrown);
  });
  if (status >= 500) throw new MagpieError('server-unreachable', `the server failed with ${status}`);
  const parsed = wireCapabilities.safeParse(json);
  if (status !== 200 || !parsed.success)
    return { abilities: NO_ABILITIES, takesPieces: false, makesCovers: false, choosesPlace: false };
  const { extensions } = parsed.data.data;
  const recall = recallAbility.safeParse(extensions[SYNC_EXTENSIONS.recall]);
  const uploads = wireUploadLimits.partial().safeParse(extensions[UPLOADS_EXTENSION]);
  const abilities: Abilities = {
    // Without older messages the log could tell of gaps, but nothing could fill them.
    sync: SYNC_EXTENSIONS.sync in extensions && SYNC_EXTENSIONS.history in extensions,
    read: SYNC_EXTENSIONS.read in extensions,
    presence: SYNC_EXTENSIONS.presence in extensions,
    typing: SYNC_EXTENSIONS.typing in extensions,
    recallLimit: recall.success ? recall.data : null,
    uploadLimit: uploads.data?.max_bytes ?? NO_ABILITIES.uploadLimit,
    contacts: CONTACTS_EXTENSION in extensions,
  };
  return {
    abilities,
    takesPieces: UPLOADS_EXTENSION in extensions,
    makesCovers: uploads.data?.covers ?? false,
    choosesPlace: uploads.data?.object_storage ?? false,
  };
}

export async function fetchSync(
  ask: AuthenticatedCall,
  cursor: number | null,
  reader: Reader,
): Promise<SyncPage> {
  const from = cursor === null ? '' : `cursor=${cursor}&`;
  const answer = read(syncAnswer, await ask('GET', `${SYNC_PATH}?${from}limit=${SYNC_LIMIT}`));
  const page: SyncPage = {
    reset: answer.reset,
    conversations: [],
    recalls: [],
    groups: [],
    contacts: false,
    cursor: answer.cursor,
    more: answer.more,
  };
  for (const raw of answer.changes) {
    const change = wireChange.safeParse(raw);
    if (change.success) addChange(page, change.data, reader);
  }
  return page;
}

/** A person has one picture or, while it is the server's default one, none; a group has the list of its members'. */
function avatarsOf(chatType: 'single' | 'group', avatar: string, origin: string): string[] {
  if (chatType === 'group') return resolveUrlList(origin, avatar);
  const url = resolveAvatar(origin, avatar);
  return url === '' ? [] : [url];
}

function addChange(page: SyncPage, change: WireChange, { origin, accountId }: Reader): void {
  switch (change.kind) {
    case 'conversation': {
      const { chatType, id, name, avatar, head_seq, first_seq, read_seq, peer_read_seq, windows, ended } =
        change.conversation;
      page.conversations.push({
        facts: {
          id: conversationId(chatType, id),
          kind: chatType,
          name: name === '' ? null : clip(name),
          avatars: avatar === '' ? null : avatarsOf(chatType, avatar, origin),
          link: null,
        },
        headSeq: head_seq,
        firstSeq: first_seq,
        readSeq: read_seq,
        peerReadSeq: peer_read_seq ?? null,
        ...(windows === undefined
          ? {}
          : {
              windows: windows.map((window) => ({
                first: window.first_seq,
                last: window.last_seq ?? null,
              })),
            }),
        ended: ended ?? null,
      });
      break;
    }
    case 'recall':
      page.recalls.push({
        conversationId: conversationId(change.chatType, change.id),
        serverId: change.message_id,
        tombstone: {
          sequence: change.seq,
          senderId: change.from_id,
          senderName: clip(change.from_name),
          own: change.from_id === accountId,
          createdAt: timeOf(change.create_time),
        },
      });
      break;
    case 'group':
      page.groups?.push(groupState(change, origin));
      break;
    case 'contacts':
      page.contacts = true;
      break;
  }
}

export async function fetchHistory(
  ask: AuthenticatedCall,
  id: ConversationId,
  bounds: HistoryBounds,
  reader: Reader,
): Promise<HistoryPage> {
  const { kind, peer } = parseConversationId(id);
  const edge = 'beforeSeq' in bounds ? `before_seq=${bounds.beforeSeq}` : `after_seq=${bounds.afterSeq}`;
  const query = `chatType=${kind}&id=${encodeURIComponent(peer)}&${edge}&limit=${bounds.limit}`;
  const answer = read(historyAnswer, await ask('GET', `${HISTORY_PATH}?${query}`));
  return {
    headSeq: answer.head_seq,
    firstSeq: answer.first_seq,
    messages: answer.messages.flatMap((raw): IncomingMessage[] => {
      const parsed = wireMessage.safeParse(raw);
      if (!parsed.success || parsed.data.seq === undefined) return [];
      const message = toIncomingMessage(parsed.data, reader);
      const isHere = message.conversation.id === id;
      return isHere ? [{ ...message, recalled: parsed.data['recalled'] === true }] : [];
    }),
  };
}

export async function tellRead(ask: AuthenticatedCall, id: ConversationId, sequence: number): Promise<void> {
  const { kind, peer } = parseConversationId(id);
  await ask('POST', READ_PATH, { chatType: kind, id: Number(peer), seq: sequence });
}

/** E27. Its limits on names and pictures are those of plain servers; ours looks at the id alone. */
export async function recallMessage(
  ask: AuthenticatedCall,
  target: RecallTarget,
  origin: string,
): Promise<void> {
  const { kind, peer } = parseConversationId(target.conversationId);
  const hasPicture = target.avatar.length >= 10 && target.avatar.length <= 1_000;
  await ask('POST', REVOKE_PATH, {
    to_id: Number(peer),
    to_name: target.name.slice(0, 50) || peer,
    to_avatar: hasPicture ? target.avatar : `${origin}/avatar`,
    id: target.serverId,
    chatType: kind,
    create_time: target.createdAt,
  });
}

export function typingFrame(id: ConversationId): string {
  const { kind, peer } = parseConversationId(id);
  return JSON.stringify({ type: 'typing', data: { chatType: kind, id: Number(peer) } });
}

export function watchFrame(accountIds: readonly number[]): string {
  return JSON.stringify({ type: 'watch', data: { ids: accountIds.slice(0, 500) } });
}

const TYPES: ReadonlySet<unknown> = new Set([
  'ready',
  'changed',
  'read',
  'typing',
  'presence',
  'membership',
  'group_read',
]);

/** Null when it is no frame of the extensions. Never throws. */
export function parseExtension(json: unknown, { accountId }: Reader): Frame | null {
  if (typeof json !== 'object' || json === null || !('type' in json) || !TYPES.has(json.type)) return null;
  const parsed = extensionFrame.safeParse(json);
  if (!parsed.success) return { type: 'malformed', why: `frame ${String(json.type)}` };
  return { type: 'signal', signal: signalOf(parsed.data, accountId) };
}

function signalOf(frame: ExtensionFrame, me: number): Signal {
  switch (frame.type) {
    case 'ready':
    case 'changed':
      return { type: frame.type, cursor: frame.cursor };
    case 'read': {
      const { chatType, id, account_id, read_seq } = frame.data;
      const isOwn = account_id === me;
      // In a single chat the reader, when it is not me, is the conversation.
      const peer = chatType === 'single' && !isOwn ? account_id : id;
      const peerMark = !isOwn && chatType === 'single' ? read_seq : null;
      return {
        type: 'read',
        marks: {
          conversationId: conversationId(chatType, peer),
          own: isOwn ? read_seq : null,
          peer: peerMark,
        },
      };
    }
    case 'typing': {
      const { chatType, id, from_id } = frame.data;
      return {
        type: 'typing',
        conversationId: conversationId(chatType, chatType === 'single' ? from_id : id),
        accountId: from_id,
      };
    }
    case 'membership':
      return { type: 'membership' };
    case 'group_read': {
      const marks = frame.data.marks.map(({ account_id, read_seq }) => ({
        accountId: account_id,
        readSeq: read_seq,
      }));
      return { type: 'group-read', groupId: frame.data.id, marks };
    }
    case 'presence':
      return { type: 'presence', accountId: frame.data.account_id, online: frame.data.online };
  }
}

function read<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new MagpieError('bad-answer', `unexpected shape at "${where}"`);
}
