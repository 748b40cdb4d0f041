import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnswerRecord } from '../storage/records.ts';
import { findAnswer, findFittingAnswer } from './answer-search.ts';

const NOW = 1_795_254_357_446;

function item(id: number, ask: string, answer: string, updateTime = NOW): AnswerRecord {
  return { id, ownerId: 2, type: 'single', ask, answer, createTime: updateTime, updateTime };
}

const price = item(1, 'What is the price?', 'Fifteen yuan');

test('scores are those of the recorded exchanges', () => {
  expect(findAnswer([price], 'price', NOW + 8)?.score).toBe(124.39999999074075);
  expect(findAnswer([price], 'zz', NOW + 18)?.score).toBe(11.799999979166667);
  expect(findAnswer([price], 'weather tomorrow elsewhere', NOW)).toBeUndefined();
});

test('the answer that fits best wins, not the first or the newest', () => {
  const items = [
    item(1, '你们几点开门', '九点', NOW),
    price,
    item(3, 'price of shipping', 'free', NOW - 1e10),
  ];
  expect(findAnswer(items, 'price of shipping', NOW)?.item.id).toBe(3);
  expect(findAnswer(items, '几点开门', NOW)?.item.id).toBe(1);
});

test('a looser look knows half of the words, the same meaning, and punctuation', () => {
  const old = NOW - 1e11;
  const long = '请问一下你们店里这个商品现在的价格是多少呢还有没有什么别的活动可以参加的呀谢谢';
  expect(findAnswer([item(1, long, '十元', old)], '多少钱 aa', NOW)).toMatchObject({ loose: true });
  const half = item(1, `opening times ${'x'.repeat(80)}`, 'nine', old);
  expect(findAnswer([half], 'opening elsewhere', NOW)).toMatchObject({ item: { id: 1 } });
  const bare = item(1, 'a-b-c-d-e-f-g', 'yes', old);
  expect(findAnswer([bare], `abcdefg ${'! '.repeat(40)}`, NOW)).toMatchObject({ loose: true });
});

test('a reply that nobody asked for has something in common with the question', () => {
  const items = [item(1, '你们几点开门', '九点'), price];
  for (const talk of ['晚上一起吃饭吧', 'see you tomorrow then', '?', '好']) {
    expect(findFittingAnswer(items, talk, NOW), talk).toBeUndefined();
  }
  expect(findFittingAnswer(items, '请问你们几点开门？', NOW)?.item.id).toBe(1);
  expect(findFittingAnswer(items, 'what about the price', NOW)?.item.id).toBe(1);
  expect(findFittingAnswer(items, '这个多少钱', NOW)?.item.id).toBe(1);
});

test('no text breaks the search', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('(', '[', '*', '\\', ' ', '+', '価') }),
  );
  fc.assert(
    fc.property(texts, texts, texts, (ask, answer, question) => {
      const found = findAnswer([item(1, ask, answer)], question, NOW);
      if (question.trim() === '') expect(found).toBeUndefined();
      else if (found !== undefined) expect(Number.isFinite(found.score)).toBe(true);
    }),
  );
});

test('a question that was stored word for word is found', () => {
  const words = fc.array(
    fc.string({ minLength: 1 }).filter((word) => /^\w+$/.test(word)),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(words, (parts) => {
      const ask = parts.join(' ');
      expect(findAnswer([item(1, ask, 'yes', 0)], ask, NOW)?.score).toBeGreaterThanOrEqual(100);
    }),
  );
});
