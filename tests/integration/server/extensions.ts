/** Calls of our extensions, as a client of ours makes them. */
import type { Frame, PlainAccount, PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';

export const SALT = 'pepper';

/** Takes a message back (E27); answers the notice. */
export async function recall(
  client: PlainClient,
  from: PlainAccount,
  message: Frame,
  changes: Record<string, unknown> = {},
): Promise<Frame> {
  const { id, to_id, to_name, to_avatar, create_time } = message;
  const json = { to_id, to_name, to_avatar, id, chatType: 'single', create_time, ...changes };
  return (await client.data('POST', '/api/chat/revokeMessage', { token: from.token, json })) as Frame;
}

/** Signs in on a named device. */
export async function loginOn(client: PlainClient, username: string, device: string): Promise<PlainAccount> {
  return (await client.data('POST', '/api/loginChat', {
    json: { username, password: 'secret12' },
    headers: { 'x-magpie-device': device },
  })) as PlainAccount;
}
