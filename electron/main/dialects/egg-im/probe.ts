import { MagpieError } from '#protocol/errors';
import { CAPABILITIES_PATH, EXTENSIONS, wireCapabilities } from '#protocol/wire/capabilities';
import { envelope } from '#protocol/wire/envelope';
import { exchange, type Answer } from './http-client.ts';

export interface ServerAbilities {
  extensions: boolean;
  idempotentSend: boolean;
}

/**
 * Makes an origin of what a person typed: `host`, `host:7001`, `http://host/path/` → scheme, host and port.
 * Throws `invalid-input` when no address can be made of it.
 */
export function normaliseAddress(typed: string): string {
  const trimmed = typed.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//iu.test(trimmed) ? trimmed : `http://${trimmed}`;
  let url: URL;
  try {
    url = new URL(withScheme);
  } catch {
    throw new MagpieError('invalid-input', 'not an address', { field: 'address' });
  }
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  if (!isWeb || url.hostname === '' || /\s/u.test(trimmed) || url.username !== '' || url.password !== '')
    throw new MagpieError('invalid-input', 'not a web address', { field: 'address' });
  return url.origin;
}

/** Asks an origin what lives there. Throws `server-unreachable` or `not-a-chat-server`. */
export async function probeServer(origin: string): Promise<ServerAbilities> {
  const answer = await ask(origin + CAPABILITIES_PATH);
  const capabilities = answer.status === 200 ? wireCapabilities.safeParse(answer.json) : null;
  if (capabilities?.success) {
    const { extensions } = capabilities.data.data;
    // Without it a repeat would be a second message: such a server is treated as a plain one.
    const idempotentSend = Object.hasOwn(extensions, EXTENSIONS.idempotentSend);
    return { extensions: idempotentSend, idempotentSend };
  }
  // A plain server: a call that needs a token answers 400 in the envelope, whatever it does with unknown paths.
  const guarded = await ask(`${origin}/api/chat/chatGetmessageOffLine`, 'POST');
  const body = envelope.safeParse(guarded.json);
  if (guarded.status === 400 && body.success && body.data.msg === 'fail')
    return { extensions: false, idempotentSend: false };
  throw new MagpieError('not-a-chat-server', 'something else answers there', { status: answer.status });
}

async function ask(url: string, method: 'GET' | 'POST' = 'GET'): Promise<Answer> {
  try {
    return await exchange(url, {
      method,
      timeoutMilliseconds: 8_000,
      ...(method === 'POST' ? { body: {} } : {}),
    });
  } catch (thrown) {
    throw new MagpieError('server-unreachable', 'no answer from the address', undefined, { cause: thrown });
  }
}
