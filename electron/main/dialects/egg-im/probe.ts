import { MagpieError } from '#protocol/errors';
import { CAPABILITIES_PATH, EXTENSIONS, wireCapabilities } from '#protocol/wire/capabilities';
import { UPDATES_EXTENSION } from '#protocol/wire/updates';
import { envelope } from '#protocol/wire/envelope';
import type { Network } from '../../network/network.ts';
import { unreachable } from '../../network/problems.ts';
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

/** Asks an origin what lives there, and what time it is there. Throws `server-unreachable` or `not-a-chat-server`. */
export async function probeServer(
  origin: string,
  network: Pick<Network, 'agents'>,
  onServerTime?: (milliseconds: number) => void,
): Promise<ServerAbilities> {
  const answer = await ask(network, origin + CAPABILITIES_PATH, 'GET', onServerTime);
  const capabilities = answer.status === 200 ? wireCapabilities.safeParse(answer.json) : null;
  if (capabilities?.success) {
    const { extensions } = capabilities.data.data;
    // Without it a repeat would be a second message: such a server is treated as a plain one.
    const idempotentSend = Object.hasOwn(extensions, EXTENSIONS.idempotentSend);
    return { extensions: idempotentSend, idempotentSend };
  }
  // A plain server: a call that needs a token answers 400 in the envelope, whatever it does with unknown paths.
  const guarded = await ask(network, `${origin}/api/chat/chatGetmessageOffLine`, 'POST');
  const body = envelope.safeParse(guarded.json);
  if (guarded.status === 400 && body.success && body.data.msg === 'fail')
    return { extensions: false, idempotentSend: false };
  throw new MagpieError('not-a-chat-server', 'something else answers there', { status: answer.status });
}

/** Whether a server hands out releases of the app. Throws `server-unreachable`. */
export async function probeUpdates(network: Pick<Network, 'agents'>, origin: string): Promise<boolean> {
  const { status, json } = await ask(network, origin + CAPABILITIES_PATH);
  const capabilities = status === 200 ? wireCapabilities.safeParse(json) : null;
  return (
    capabilities?.success === true && Object.hasOwn(capabilities.data.data.extensions, UPDATES_EXTENSION)
  );
}

async function ask(
  network: Pick<Network, 'agents'>,
  url: string,
  method: 'GET' | 'POST' = 'GET',
  onServerTime?: (milliseconds: number) => void,
): Promise<Answer> {
  try {
    return await exchange(url, {
      network,
      strange: true,
      onServerTime,
      method,
      timeoutMilliseconds: 8_000,
      ...(method === 'POST' ? { body: {} } : {}),
    });
  } catch (thrown) {
    throw unreachable('no answer from the address', thrown);
  }
}
