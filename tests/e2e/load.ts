import type { PlainAccount } from '../helpers/plain-egg-im/plain-client.ts';
import { expect } from './fixtures.ts';

/** A file of a message, as the plain client of this account gets it from the server. */
export async function load(url: string, { token }: PlainAccount): Promise<{ bytes: Buffer; type: string }> {
  const answer = await fetch(url, { headers: { token } });
  expect(answer.status).toBe(200);
  return {
    bytes: Buffer.from(await answer.arrayBuffer()),
    type: answer.headers.get('content-type') ?? '',
  };
}
