/** What the server says of bodies that it cannot take. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EXCHANGES } from '../world.ts';
import { outcome, world } from './calls.ts';

export function describeValidation(): void {
  describe('validation: every recorded 422, word for word', () => {
    interface Exchange {
      name: string;
      status?: number;
      request: { method: string; path: string; headers?: Record<string, string>; body?: unknown };
      response: { data: string };
    }
    const recorded = (JSON.parse(readFileSync(EXCHANGES, 'utf8')) as Exchange[]).filter(
      ({ status }) => status === 422,
    );
    // Recall: ours demands less (Q12), and the upper bound is the clock. Bodies that are no objects: next block.
    const apart = /^E27 |^JSON array body|^text body/;
    test.each(recorded.filter(({ name }) => !apart.test(name)))('$name', async ({ request, response }) => {
      const { method, path, body, headers } = request;
      const isForm = typeof body === 'string';
      const answer = await world.client.call(method, path, {
        ...(headers?.['token'] === undefined ? {} : { token: world.anna.token }),
        ...(body === undefined ? {} : isForm ? { form: body } : { json: body }),
        ...(path.includes('/visitor') ? { headers: { 'X-Security-Sign': 'x' } } : {}),
      });
      expect(outcome(answer)).toEqual({ status: 422, msg: 'fail', data: response.data });
    });
    test('all of them are here', () => {
      expect(recorded.length).toBe(48);
    });
  });
}
