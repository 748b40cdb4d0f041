import { MagpieError } from '#protocol/errors';
import { parseConversationId, type ConversationId } from '#protocol/model/conversation';
import type { Mentions } from '#protocol/model/group';
import { textContent, wireMessage, type WireContent } from '#protocol/wire/message';
import { UPLOADS_GONE, UPLOADS_PATH } from '#protocol/wire/uploads';
import { UNHEARD } from '../../network/problems.ts';
import { NO_ABILITIES, type Abilities, type ChatDialect, type SendResult } from '../chat-dialect.ts';
import { writeContent } from './content.ts';
import { createPeopleDialect, type AuthenticatedCall } from './people.ts';
import { createServiceDeskDialect } from './service-desk.ts';
import * as extended from './extensions.ts';
import { createGroupCalls } from './groups.ts';
import { call, exchange, ExchangeError, payloadOf, type Answer } from './http-client.ts';
import { createLines, type Lines } from './lines.ts';
import { factsOfOwn, timeOf } from './normalise.ts';
import { parseFrame } from './parse-frame.ts';
import { accessTo, snapshotAddress } from './media-addresses.ts';
import { uploadAsForm, uploadToStorage } from './upload-form.ts';
import { coverOf, uploadInPieces } from './uploads.ts';

export interface EggImOptions {
  origin: string;
  accountId: number;
  token: string;
  deviceId: string;
  /** The server has our extensions (told by its capabilities). */
  extensions: boolean;
  /** Hears of the server's clock: milliseconds since the epoch, and how long the answer was on its way. */
  onServerTime?(milliseconds: number, took: number): void;
}

/** A plain server takes a message back within five minutes after it was sent, and tells so nowhere. */
export const PLAIN_RECALL_LIMIT = 5 * 60_000;
const PLAIN_ABILITIES: Abilities = { ...NO_ABILITIES, recallLimit: PLAIN_RECALL_LIMIT };

/** A send whose repeat could become a second message is given all patience; the others are rather repeated. */
const SEND_TIMEOUT = { once: 30_000, repeatable: 12_000 };

type Way = ChatDialect['network'];

/** The `egg-im` wire for one signed-in account: everything goes up by HTTP and comes down by the socket. */
export function createEggImDialect(options: EggImOptions, network: Way): ChatDialect {
  const { origin, token, accountId, extensions } = options;
  const reader = { origin, accountId };
  const abandoned = new AbortController();
  const { signal } = abandoned;
  /** As the server said last; until then a server with extensions is one of ours. */
  let inPieces = extensions;
  /** Plain servers have E42 without a word of it. */
  let covers = !extensions;
  /** They have E41 as well, and nobody can ask whether a storage is behind it. */
  let choosesPlace = !extensions;
  const lines = createLines(network);
  const { fetch } = network;
  /** What may be asked again at any time; it is given up when the line was lost, whether it has noticed or not. */
  let questions = new AbortController();
  const caller =
    (given: () => AbortSignal): AuthenticatedCall =>
    (method, path, body) =>
      call(origin + path, {
        method,
        token,
        network,
        lines,
        signal: given(),
        onServerTime: options.onServerTime,
        ...(method === 'POST' ? { body: body ?? {} } : {}),
      });
  const authenticated = caller(() => signal);
  const repeatable = caller(() => questions.signal);
  const send = (message: WireSend, given: AbortSignal | undefined) =>
    sendMessage(
      message,
      { ...options, network },
      lines,
      given === undefined ? signal : AbortSignal.any([signal, given]),
    );

  return {
    network,
    groups: createGroupCalls({ ask: authenticated, extensions, ...reader }),
    idempotentSend: extensions,
    clearCloseReasons: extensions,
    pingFrame: JSON.stringify({ type: 'ping' }),
    pongFrame: JSON.stringify({ type: 'pong' }),
    socketUrl() {
      const device = extensions
        ? `&client=magpie&device=${encodeURIComponent(`desktop:${options.deviceId}`)}`
        : '';
      return `${origin.replace(/^http/u, 'ws')}/ws?token=${encodeURIComponent(token)}${device}`;
    },
    parseFrame: (text) => parseFrame(text, reader),
    async flushOffline() {
      await repeatable('POST', '/api/chat/chatGetmessageOffLine');
    },
    async signOut() {
      await authenticated('POST', '/api/chat/logout');
    },
    abandon() {
      abandoned.abort();
      questions.abort();
      lines.close();
    },
    renewLines() {
      questions.abort();
      questions = new AbortController();
      lines.closeIdle();
    },
    sendText: ({ text, card, ...message }, given) =>
      send(
        {
          ...message,
          type: 'text',
          data: textContent(text, card),
          options: textOptions(message.conversationId, extensions),
        },
        given,
      ),
    async sendMedia({ content, ...message }, given) {
      const wire = writeContent(content);
      return wire === null
        ? { kind: 'refused', failure: { code: 'not-allowed' } }
        : send({ ...message, ...wire, uploads: inPieces ? message.uploads : [] }, given);
    },
    get choosesPlace() {
      return choosesPlace;
    },
    upload(order) {
      const place = choosesPlace ? order.place : 'server';
      const access = { ...{ origin, token, signal, fetch }, ask: authenticated };
      if (inPieces) return uploadInPieces({ ...order, place }, access);
      return (place === 'server' ? uploadAsForm : uploadToStorage)(order, access);
    },
    async giveUpUpload(id) {
      if (inPieces)
        await call(`${origin}${UPLOADS_PATH}/${id}`, {
          method: 'DELETE',
          ...{ token, network, lines, signal },
        });
    },
    cover: (url) => (covers ? coverOf(url, { origin, ask: authenticated }) : Promise.resolve(null)),
    snapshotOf: (url) => snapshotAddress(url, { origin }),
    accessTo: (url) => accessTo(url, { origin, extensions, token }),
    async abilities() {
      if (!extensions) return PLAIN_ABILITIES;
      const found = await extended.fetchAbilities(origin, { network, lines }, questions.signal);
      inPieces = found.takesPieces;
      covers = found.makesCovers;
      choosesPlace = found.choosesPlace;
      return found.abilities;
    },
    sync: (cursor) => extended.fetchSync(repeatable, cursor, reader),
    history: (id, bounds) => extended.fetchHistory(repeatable, id, bounds, reader),
    markRead: (id, sequence) => extended.tellRead(repeatable, id, sequence),
    recall: (target) => extended.recallMessage(authenticated, target, origin),
    typingFrame: extended.typingFrame,
    watchFrame: extended.watchFrame,
    people: createPeopleDialect(authenticated, reader, { token, signal, fetch }),
    desk: createServiceDeskDialect(authenticated, reader, { token, signal, fetch }),
  };
}

/** Whoever is away may have prepared an answer; a plain server would give it in their presence, too. */
function textOptions(id: ConversationId, extensions: boolean): object {
  return extensions && parseConversationId(id).kind === 'single' ? { askanswer: 'away' } : {};
}

interface WireSend {
  clientMessageId: string;
  conversationId: ConversationId;
  type: string;
  data: WireContent;
  mentions?: Mentions | null;
  uploads?: readonly string[];
  options: object;
}

async function sendMessage(
  message: WireSend,
  options: EggImOptions & { network: Way },
  lines: Lines,
  signal: AbortSignal,
): Promise<SendResult> {
  const { kind, peer } = parseConversationId(message.conversationId);
  if (kind === 'service') return { kind: 'refused', failure: { code: 'not-allowed' } };
  // Without the extension a repeat is a second message, so a lost answer must not be repeated.
  const lost: SendResult = options.extensions ? { kind: 'retry', afterSeconds: null } : { kind: 'unknown' };
  let answer: Answer;
  try {
    answer = await exchange(`${options.origin}/api/chat/socket/sendmessage`, {
      method: 'POST',
      token: options.token,
      network: options.network,
      signal,
      onServerTime: options.onServerTime,
      // A kept connection may have been closed at the other end: fresh ones leave no doubt about what arrived.
      ...(options.extensions
        ? { lines, timeoutMilliseconds: SEND_TIMEOUT.repeatable }
        : { timeoutMilliseconds: SEND_TIMEOUT.once }),
      body: {
        sendto_id: Number(peer),
        chatType: kind,
        type: message.type,
        data: message.data,
        options: encodeURIComponent(JSON.stringify(message.options)),
        ...(options.extensions ? extensionFields(message, kind) : {}),
      },
    });
  } catch (thrown) {
    return thrown instanceof ExchangeError && !thrown.mayHaveArrived
      ? { kind: 'retry', afterSeconds: null }
      : lost;
  }
  try {
    const sent = wireMessage.safeParse(payloadOf(answer));
    if (!sent.success) return lost;
    return {
      kind: 'acknowledged',
      acknowledgement: {
        serverId: sent.data.id,
        sequence: sent.data.seq ?? null,
        createdAt: timeOf(sent.data.create_time),
        conversation: factsOfOwn(sent.data, { origin: options.origin, accountId: options.accountId }),
      },
    };
  } catch (thrown) {
    if (!(thrown instanceof MagpieError)) return lost;
    return classify(thrown, lost);
  }
}

/** What our server takes beyond the protocol; plain ones would drop it. */
function extensionFields({ clientMessageId, mentions, uploads = [] }: WireSend, kind: 'single' | 'group') {
  const meant = kind === 'group' && mentions !== undefined && mentions !== null ? { mentions } : {};
  return { client_msg_id: clientMessageId, ...meant, ...(uploads.length > 0 ? { uploads } : {}) };
}

/** A plain server tells a member of the end by nothing else (E25). */
const GROUP_ENDS: Readonly<Record<string, 'removed' | 'dissolved'>> = {
  '您不在群里，无法发消息': 'removed',
  '群不存在或者已解散或者被封禁，无法发消息': 'dissolved',
};

function classify(error: MagpieError, lost: SendResult): SendResult {
  switch (error.code) {
    case 'session-ended':
    case 'account-disabled':
      return { kind: 'session-ended', error };
    case 'rate-limited':
      return { kind: 'retry', afterSeconds: error.details?.retryAfter ?? null };
    case 'refused': {
      if (error.details?.status === UPLOADS_GONE) return { kind: 'uploads-gone' };
      const serverText = error.details?.serverText;
      const ended = GROUP_ENDS[serverText ?? ''];
      return {
        kind: 'refused',
        failure: { code: 'refused', ...(serverText === undefined ? {} : { serverText }) },
        ...(ended === undefined ? {} : { ended }),
      };
    }
    default: {
      // 503 is said by proxies that passed nothing on; every other failure may have stored the message.
      const status = error.details?.status;
      return status === 503 || UNHEARD.has(status) ? { kind: 'retry', afterSeconds: null } : lost;
    }
  }
}
