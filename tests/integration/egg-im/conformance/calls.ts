/** One world for the whole run, its calls, and the answers that every part expects. */
import { expect } from 'vitest';
import type { Answer, PlainAccount } from '../../../helpers/plain-egg-im/plain-client.ts';
import { GroupCalls } from '../../server/groups.ts';
import { openWorld } from '../world.ts';
import type { World } from '../world.ts';

export interface Outcome {
  status: number;
  msg: string;
  data: unknown;
}

export const ok = (data: unknown): Outcome => ({ status: 200, msg: 'ok', data });
export const fail = (data: string): Outcome => ({ status: 400, msg: 'fail', data });
export const OK = ok('ok');
export const NO_TOKEN = fail('您没有权限访问即时通讯接口');
export const BAD_TOKEN = fail('Token 令牌不合法！');
export const VISITOR = fail('您没有权限访问，请先注册或登录');
export const DISABLED = fail('当前用户不存在或者已被禁用');
export const FAULT = { status: 500, msg: 'fail', data: expect.any(String) as unknown };

/** There once {@link makeWorld} has ended; the parts build on each other in the order of the suite. */
export let world: World;
export let groups: GroupCalls;

export async function makeWorld(): Promise<void> {
  world = await openWorld();
  groups = new GroupCalls(world.client);
}

export function outcome({ status, body }: Answer): Outcome {
  const { msg, data } = (body ?? {}) as { msg: string; data: unknown };
  return { status, msg, data };
}

export async function post(who: PlainAccount, path: string, json: object = {}): Promise<Outcome> {
  return outcome(await world.client.call('POST', `/api/chat/${path}`, { token: who.token, json }));
}

export async function get(who: PlainAccount, path: string): Promise<Outcome> {
  return outcome(await world.client.call('GET', `/api/chat/${path}`, { token: who.token }));
}
