import { expect, test } from 'vitest';
import { videoCovers, type CoverOf } from './video-covers.ts';

const order = (sha256: string, time = 20): CoverOf => ({
  ...{ sha256, time, mime: 'video/mp4', width: 260, format: 'jpg' },
});

/** Whoever is asked for a cover makes it when the test says so. */
function studio() {
  const made: string[] = [];
  const atWork: (() => void)[] = [];
  let most = 0;
  const covers = videoCovers(async ({ sha256 }) => {
    made.push(sha256);
    most = Math.max(most, atWork.length + 1);
    await new Promise<void>((resolve) => atWork.push(resolve));
    return { ok: true, image: Buffer.from(`cover of ${sha256}`) };
  });
  const finish = () => atWork.shift()?.();
  return { covers, made, finish, atWork, most: () => most };
}

test('two run at once, others wait in their order; beyond the queue comes a refusal that passes', async () => {
  const { covers, made, finish, atWork, most } = studio();
  const asked = Array.from({ length: 18 }, (_, index) => covers(index, order(`film ${index}`)));
  await expect(covers(99, order('another'))).rejects.toMatchObject({ status: 429, retryAfter: 5 });
  for (let done = 0; done < asked.length; done += 1) {
    await expect.poll(() => atWork.length).toBe(Math.min(2, asked.length - done));
    finish();
  }
  expect((await Promise.all(asked)).map(String)).toEqual(asked.map((_, index) => `cover of film ${index}`));
  expect(most()).toBe(2);
  expect(made).toEqual(asked.map((_, index) => `film ${index}`));
  const later = covers(99, order('another'));
  finish();
  expect(String(await later)).toBe('cover of another');
});

test('an account has one at a time, also when the one before failed', async () => {
  const { covers, finish } = studio();
  const first = covers(1, order('film'));
  await expect(covers(1, order('other'))).rejects.toMatchObject({ status: 429, retryAfter: 1 });
  finish();
  await first;
  const failing = videoCovers(() => Promise.resolve({ ok: false, reason: 'nothing-there', text: '' }));
  for (const _try of [1, 2]) await expect(failing(1, order('film'))).rejects.toThrow('截图生成失败');
});

test('what was made is not made again, for whomever; another moment of the film is another picture', async () => {
  const { covers, made, finish } = studio();
  const first = covers(1, order('film'));
  finish();
  const picture = await first;
  expect(await covers(2, order('film'))).toBe(picture);
  expect(made).toEqual(['film']);
  const other = covers(1, order('film', 21));
  finish();
  expect(await other).not.toBe(picture);
  expect(made).toEqual(['film', 'film']);
});

test('only so much is remembered, and what was asked for last stays', async () => {
  const made: string[] = [];
  const covers = videoCovers(({ sha256 }) => {
    made.push(sha256);
    return Promise.resolve({ ok: true, image: Buffer.alloc(6 * 1024 * 1024) });
  });
  for (const film of ['a', 'b', 'a', 'c', 'a', 'b']) await covers(1, order(film));
  expect(made).toEqual(['a', 'b', 'c', 'b']);
});
