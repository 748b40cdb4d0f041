import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { groupByInitial, initialOf } from './initials.ts';
import { isTooDeep } from './json-depth.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { Allowances, LoginGuard } from './throttle.ts';
import { loadSecret } from './tokens.ts';
import { checkUserset, sendCountFor } from './userset.ts';

test('initials: Latin as it is, Chinese by pinyin, the rest under #, last', () => {
  expect(['bert', '张三', '9号', '😀x', '', 'Émile'].map(initialOf)).toEqual(['B', 'Z', '#', '#', '#', '#']);
  const groups = groupByInitial(['9', 'zoe', '阿明', 'anna'].map((name) => ({ name })));
  expect(groups.map(({ title }) => title)).toEqual(['A', 'Z', '#']);
});

test('settings: unreadable ones count as the default, damaged ones are refused', () => {
  const set = (count: unknown) =>
    JSON.stringify({ chatset: { user: { sendCount: count }, visitor: { sendCount: 2 } } });
  expect([sendCountFor('user', set(0)), sendCountFor('visitor', set(0))]).toEqual([0, 2]);
  expect(['', 'x', '{}', set(7), '{"chatset":{}}'].map((text) => sendCountFor('user', text))).toEqual([
    1, 1, 1, 1, 1,
  ]);
  expect(sendCountFor('user', '{"chatset":{"visitor":0,"user":0}}')).toBe(2);
  for (const good of [set(1), '{"theme":"dark"}']) expect(() => checkUserset(good)).not.toThrow();
  for (const bad of ['hello', '12', '[]', '{"chatset":{}}', set(9), `{"a":"${'x'.repeat(70_000)}"}`]) {
    expect(() => checkUserset(bad)).toThrow('用户设置格式错误');
  }
});

test('passwords: right, wrong, and nobody', async () => {
  const stored = await hashPassword('secret12');
  expect(await verifyPassword(stored, 'secret12')).toBe(true);
  expect(await verifyPassword(stored, 'secret13')).toBe(false);
  expect(await verifyPassword('', '')).toBe(false);
  expect(await verifyPassword(undefined, 'decoy')).toBe(false);
});

test('an unknown account costs the time of a known one', async () => {
  const stored = await hashPassword('secret12');
  await verifyPassword(undefined, 'warm');
  const time = async (hash: string | undefined): Promise<number> => {
    const start = performance.now();
    for (let index = 0; index < 5; index++) await verifyPassword(hash, 'guess');
    return performance.now() - start;
  };
  const ratio = (await time(undefined)) / (await time(stored));
  expect(ratio).toBeGreaterThan(0.2);
  expect(ratio).toBeLessThan(5);
});

test('allowances refill; the pause of the login guard doubles', () => {
  let now = 0;
  const allowances = new Allowances({ perSecond: 1, burst: 2, now: () => now });
  allowances.take('a');
  allowances.take('a');
  expect(() => allowances.take('a')).toThrow();
  allowances.take('b');
  now += 1000;
  allowances.take('a');
  const guard = new LoginGuard({ freeAttempts: 1, now: () => now });
  const waits: unknown[] = [];
  for (let index = 0; index < 4; index++) {
    guard.failed('k');
    try {
      guard.check('k');
    } catch (error) {
      waits.push((error as { retryAfter: number }).retryAfter);
    }
  }
  expect(waits).toEqual([1, 2, 4, 8]);
  guard.succeeded('k');
  expect(() => guard.check('k')).not.toThrow();
});

test('depth is counted outside of strings only', () => {
  expect(isTooDeep('['.repeat(201))).toBe(true);
  expect(isTooDeep(`["${'['.repeat(500)}\\"${'{'.repeat(500)}"]`)).toBe(false);
});

test('the signing secret is written whole or not at all, for its owner only', () => {
  const folder = mkdtempSync(join(tmpdir(), 'magpie-secret-'));
  try {
    // What a full disk or a power cut in the middle of the first start leaves behind.
    writeFileSync(join(folder, 'token-secret.new'), 'abc');
    const secret = loadSecret(folder);
    expect(secret).toHaveLength(32);
    expect(loadSecret(folder)).toEqual(secret);
    expect(readFileSync(join(folder, 'token-secret'), 'utf8')).toHaveLength(64);
    expect(statSync(join(folder, 'token-secret')).mode & 0o077).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
