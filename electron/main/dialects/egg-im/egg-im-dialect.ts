import { MagpieError } from '#protocol/errors';
import { parseConversationId } from '#protocol/model/conversation';
import { textContent, wireMessage } from '#protocol/wire/message';
import { NO_ABILITIES, type ChatDialect, type OutgoingText, type SendResult } from '../chat-dialect.ts';
import * as contacts from './contacts.ts';
import * as extended from './extensions.ts';
import { call, exchange, ExchangeError, payloadOf, type Answer } from './http-client.ts';
import { factsOfOwn, timeOf } from './normalise.ts';
import { parseFrame } from './parse-frame.ts';

export interface EggImOptions {
  origin: string;
  accountId: number;
  token: string;
  deviceId: string;
  /** The server has our extensions (told by its capabilities). */
  extensions: boolean;
}

const SEND_TIMEOUT = 30_000;

/** The `egg-im` wire for one signed-in account: everything goes up by HTTP and comes down by the socket. */
export function createEggImDialect(options: EggImOptions): ChatDialect {
  const { origin, token, accountId, extensions } = options;
  const reader = { origin, accountId };
  const abandoned = new AbortController();
  const { signal } = abandoned;
  const authenticated: contacts.AuthenticatedCall = (method, path, body) =>
    call(origin + path, { method, token, signal, ...(method === 'POST' ? { body: body ?? {} } : {}) });

  return {
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
      await authenticated('POST', '/api/chat/chatGetmessageOffLine');
    },
    async signOut() {
      await authenticated('POST', '/api/chat/logout');
    },
    abandon: () => abandoned.abort(),
    sendText: (message) => sendText(message, options, signal),
    abilities: async () => (extensions ? extended.fetchAbilities(origin) : NO_ABILITIES),
    sync: (cursor) => extended.fetchSync(authenticated, cursor, reader),
    history: (id, bounds) => extended.fetchHistory(authenticated, id, bounds, reader),
    markRead: (id, sequence) => extended.tellRead(authenticated, id, sequence),
    recall: (target) => extended.recallMessage(authenticated, target, origin),
    typingFrame: extended.typingFrame,
    watchFrame: extended.watchFrame,
    listContacts: () => contacts.listContacts(authenticated, origin),
    searchAccounts: (keyword) => contacts.searchAccounts(authenticated, origin, accountId, keyword),
    apply: (target, message) => contacts.apply(authenticated, target, message),
    listApplications: (page) => contacts.listApplications(authenticated, origin, page),
    async handleApplication(id, decision, alias) {
      const nickname = alias === undefined || alias === '' ? {} : { nickname: alias };
      await authenticated('POST', `/api/chat/handleapply/${id}`, { status: decision, ...nickname });
    },
  };
}

async function sendText(
  message: OutgoingText,
  options: EggImOptions,
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
      signal,
      timeoutMilliseconds: SEND_TIMEOUT,
      body: {
        sendto_id: Number(peer),
        chatType: kind,
        type: 'text',
        data: textContent(message.text),
        options: encodeURIComponent('{}'),
        ...(options.extensions ? { client_msg_id: message.clientMessageId } : {}),
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

function classify(error: MagpieError, lost: SendResult): SendResult {
  switch (error.code) {
    case 'session-ended':
    case 'account-disabled':
      return { kind: 'session-ended', error };
    case 'rate-limited':
      return { kind: 'retry', afterSeconds: error.details?.retryAfter ?? null };
    case 'refused': {
      const serverText = error.details?.serverText;
      return {
        kind: 'refused',
        failure: { code: 'refused', ...(serverText === undefined ? {} : { serverText }) },
      };
    }
    default:
      // 503 is said by proxies that passed nothing on; every other failure may have stored the message.
      return error.details?.status === 503 ? { kind: 'retry', afterSeconds: null } : lost;
  }
}
