/** The token check (section 3.2): before routing and validation, for every path below `/api/chat`. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SERVER_TEXTS } from '#protocol/wire/envelope';
import { UPLOADS_PATH } from '#protocol/wire/uploads';
import { Refusal } from '../domain/refusal.ts';
import type { Caller, Sessions } from '../domain/sessions.ts';
import { pathOf } from './answers.ts';

const PROTECTED = '/api/chat';

/** Section 3.4 and our extensions: all that a token with the role `visitor` may call; prefix of the path, exact method. */
const VISITOR_CALLS: readonly (readonly [string, string])[] = [
  ...[
    'socket/sendmessage',
    'chatGetmessageOffLine',
    'groupnickname',
    'groupDeleteOrQuit',
    'uploadStreamSingleToServerDiy',
    'uploadAliyun',
    'getVideoScreenshot',
    'revokeMessage',
    'updateUserinfo',
    'groupInviteUser',
    'getUserSetInfo',
    'applyfriend',
    'autoAddFriendAndAgree',
    'ismygoodfriend',
    'userset',
    'deletegoodfriend',
    'read',
    'uploads',
  ].map((name) => ['POST', `${PROTECTED}/${name}`] as const),
  ...['grouplist', 'groupinfo', 'groupQrcode', 'groupMarks', 'groupReaders', 'sync', 'history'].map(
    (name) => ['GET', `${PROTECTED}/${name}`] as const,
  ),
  ['PUT', UPLOADS_PATH],
  ['DELETE', UPLOADS_PATH],
];

const callers = new WeakMap<FastifyRequest, Caller>();

export function registerAuthentication(app: FastifyInstance, sessions: Sessions): void {
  // The body is parsed by now: it is the last place where a token may be.
  app.addHook('preValidation', async (request) => {
    // The router decodes `%63hat`, so the path as sent must not decide alone.
    const route = request.routeOptions.url ?? '';
    const path = isProtected(route) ? route : pathOf(request);
    if (!isProtected(path)) return;
    const caller = await sessions.authenticate(tokenOf(request));
    if (caller.tokenRole === 'visitor' && !visitorMay(request.method, path)) {
      throw new Refusal(SERVER_TEXTS.visitorForbidden);
    }
    callers.set(request, caller);
  });
}

/** Below the segment `/api/chat`; `/api/chatX` is a path like any other. */
function isProtected(path: string): boolean {
  return path === PROTECTED || path.startsWith(`${PROTECTED}/`);
}

/** Who asks; only for routes below `/api/chat`. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  // Reached only if a route forgot its prefix: refusing is the safe side.
  if (caller === undefined) throw new Refusal(SERVER_TEXTS.noToken);
  return caller;
}

function visitorMay(method: string, path: string): boolean {
  return VISITOR_CALLS.some(([allowed, prefix]) => method === allowed && path.startsWith(prefix));
}

/** The account behind the token of a request that needs none; null without a good one. */
export async function accountIdOf(request: FastifyRequest, sessions: Sessions): Promise<number | null> {
  const token = tokenOf(request);
  if (token === undefined) return null;
  try {
    return (await sessions.authenticate(token)).account.id;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function tokenOf(request: FastifyRequest): string | undefined {
  const { token: fromHeader } = request.headers;
  const candidates = [fromHeader, field(request.query, 'token'), field(request.body, 'token')];
  const found = candidates.find((token) => token !== undefined && token !== null && token !== '');
  return found === undefined ? undefined : String(found);
}

function field(source: unknown, name: string): unknown {
  if (typeof source !== 'object' || source === null || !Object.hasOwn(source, name)) return undefined;
  const value = (source as Record<string, unknown>)[name];
  return typeof value === 'object' && value !== null ? 'not-a-token' : value;
}
