/** Who may call what. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { PlainAccount } from '../../../helpers/plain-egg-im/plain-client.ts';
import { sign } from '../../../helpers/plain-egg-im/plain-client.ts';
import { ENDPOINTS } from '../endpoints.ts';
import { expectMended } from '../expected-differences.ts';
import type { Outcome } from './calls.ts';
import { BAD_TOKEN, DISABLED, FAULT, NO_TOKEN, VISITOR, fail, outcome, world } from './calls.ts';

export function describeRoles(): void {
  describe('roles: every endpoint with every caller', () => {
    const guarded = ENDPOINTS.filter(({ access }) => access === 'visitor' || access === 'user');
    const named = (who: PlainAccount, path: string): string => path.replace(':uuid', who.uuid);

    test.each(guarded)('$id no token: refused', async ({ method, path }) => {
      const answer = await world.client.call(
        method,
        named(world.anna, path),
        method === 'POST' ? { json: {} } : {},
      );
      expect(outcome(answer)).toEqual(NO_TOKEN);
    });

    test.each(guarded)('$id something that is no token: refused', async ({ method, path }) => {
      const answer = await world.client.call(method, named(world.anna, path), {
        token: 'nonsense',
        ...(method === 'POST' ? { json: {} } : {}),
      });
      expectMended(outcome(answer), 'Q5', BAD_TOKEN, FAULT);
    });

    test.each(guarded)('$id a guest: only what guests may', async ({ method, path, access }) => {
      const answer = await world.client.call(method, named(world.guest, path), {
        token: world.guest.token,
        ...(method === 'POST' ? { json: {} } : {}),
      });
      if (access === 'user') expect(outcome(answer)).toEqual(VISITOR);
      else expect(outcome(answer)).not.toEqual(VISITOR);
    });

    test.each(guarded.filter(({ id }) => id !== 'E3'))(
      '$id a user, and an administrator alike: let in',
      async ({ method, path }) => {
        const asked = async (who: PlainAccount): Promise<Outcome> =>
          outcome(
            await world.client.call(method, named(who, path), {
              token: who.token,
              ...(method === 'POST' ? { json: {} } : {}),
            }),
          );
        const [user, administrator] = [await asked(world.cora), await asked(world.root)];
        for (const refusal of [NO_TOKEN, BAD_TOKEN, VISITOR, DISABLED]) expect(user).not.toEqual(refusal);
        // The protocol gives administrators nothing that users do not have.
        expect({ status: administrator.status, msg: administrator.msg }).toEqual({
          status: user.status,
          msg: user.msg,
        });
      },
    );

    test.each(ENDPOINTS.filter(({ access }) => access === 'signed'))(
      '$id without a signature, with a wrong one, an old one, a wrong device',
      async ({ path }) => {
        const deviceId = randomUUID();
        const timestamp = Date.now();
        const person = { username: `late${world.tag}`, password: 'secret12' };
        const ask = async (device: string, at: number, header: string | undefined): Promise<Outcome> =>
          outcome(
            await world.client.call('POST', path, {
              json: { ...person, deviceId: device, timestamp: at },
              ...(header === undefined ? {} : { headers: { 'X-Security-Sign': header } }),
            }),
          );
        expectMended(await ask(deviceId, timestamp, undefined), 'Q6', fail('非法访问'), FAULT);
        expect(await ask(deviceId, timestamp, 'f'.repeat(64))).toEqual(fail('非法签名'));
        const old = timestamp - 301_000;
        expect(await ask(deviceId, old, sign(deviceId, old, world.salt))).toEqual(fail('请求已过期'));
        const odd = `${deviceId.slice(0, 35)}!`;
        expect(await ask(odd, timestamp, sign(odd, timestamp, world.salt))).toEqual(fail('无效标识'));
      },
    );

    test('unknown paths and wrong methods', async () => {
      for (const [method, path] of [
        ['GET', '/api/nothing'],
        ['GET', '/api/regChat'],
      ] as const) {
        const answer = outcome(await world.client.call(method, path));
        expectMended(
          answer,
          'Q34',
          { status: 404, msg: 'fail', data: '404 错误' },
          { status: 200, msg: 'fail', data: '404 错误' },
        );
      }
    });
  });
}
