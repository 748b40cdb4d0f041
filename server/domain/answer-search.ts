/**
 * Which of somebody's answers fits a question best (section 5.7). The weights are those of the protocol, so old and new
 * servers choose alike; only a character with a meaning in regular expressions does no harm here.
 */
import type { AnswerRecord } from '../storage/records.ts';

export interface FoundAnswer {
  item: AnswerRecord;
  score: number;
  /** Found by the second, looser look. */
  loose: boolean;
}

const DAY = 86_400_000;

/** Words that ask for the same thing. */
const SYNONYMS: readonly (readonly string[])[] = [
  ['价格', '价钱', '多少钱', '报价', '费用', 'price', 'cost', 'how much'],
  ['退款', '退货', '退钱', 'refund', 'return'],
  ['发货', '快递', '物流', '配送', 'shipping', 'delivery'],
  ['优惠', '折扣', '打折', '便宜', 'discount', 'coupon'],
  ['联系', '电话', '客服', 'contact', 'phone', 'support'],
  ['地址', '位置', '在哪', 'address', 'location', 'where'],
  ['时间', '几点', '营业', '多久', 'hours', 'when'],
  ['怎么', '如何', '怎样', 'how to', 'how do'],
];

/** @param now milliseconds since 1970: recently changed answers weigh a little more */
export function findAnswer(
  items: readonly AnswerRecord[],
  question: string,
  now: number,
): FoundAnswer | undefined {
  const query = question.trim().toLowerCase();
  if (query === '') return undefined;
  const keywords = query.split(/\s+/u);
  let best: { item: AnswerRecord; score: number } | undefined;
  for (const item of items) {
    const score = scoreOf(item, query, keywords, now);
    if (best === undefined || score > best.score) best = { item, score };
  }
  if (best === undefined) return undefined;
  if (best.score >= 5 * keywords.length) return { ...best, loose: false };
  const item = items.find((one) => fitsLoosely(one, query, keywords));
  if (item === undefined) return undefined;
  return { item, score: scoreOf(item, query, keywords, now), loose: true };
}

/**
 * Only an answer that has something in common with the question: for replies that nobody asked for. The documented
 * search would answer every sentence without spaces.
 */
export function findFittingAnswer(
  items: readonly AnswerRecord[],
  question: string,
  now: number,
): FoundAnswer | undefined {
  const query = question.trim().toLowerCase();
  // One character says too little to be a question.
  if ([...bare(query)].length < 2) return undefined;
  const keywords = query.split(/\s+/u);
  const fitting = items.filter(({ ask, answer }) => {
    const isPart = `${ask}\n${answer}`.toLowerCase().includes(query);
    return isPart || fitsLoosely({ ask, answer }, query, keywords);
  });
  return findAnswer(fitting, question, now);
}

function scoreOf(item: AnswerRecord, query: string, keywords: readonly string[], now: number): number {
  const ask = item.ask.toLowerCase();
  const answer = item.answer.toLowerCase();
  let score = ask.includes(query) || answer.includes(query) ? 100 : 0;
  for (const keyword of keywords) {
    const [inAsk, inAnswer] = [occurrences(ask, keyword), occurrences(answer, keyword)];
    score += (inAsk > 0 ? 10 : 0) + (inAnswer > 0 ? 5 : 0) + 2 * inAsk + inAnswer;
  }
  score += Math.max(0, 10 - Math.abs(ask.length - query.length) / 5);
  score += Math.max(0, 5 - Math.max(0, now - item.updateTime) / DAY / 10);
  return score;
}

/** Half of the words, a word of the same meaning, or the same text but for punctuation. */
function fitsLoosely(
  item: Pick<AnswerRecord, 'ask' | 'answer'>,
  query: string,
  keywords: readonly string[],
): boolean {
  const text = `${item.ask} ${item.answer}`.toLowerCase();
  const found = keywords.filter((keyword) => text.includes(keyword)).length;
  if (found * 2 >= keywords.length) return true;
  const means = (group: readonly string[], where: string): boolean =>
    group.some((word) => where.includes(word));
  if (SYNONYMS.some((group) => means(group, query) && means(group, item.ask.toLowerCase()))) return true;
  const [bareQuery, bareAsk] = [bare(query), bare(item.ask.toLowerCase())];
  return bareQuery !== '' && bareAsk !== '' && (bareAsk.includes(bareQuery) || bareQuery.includes(bareAsk));
}

function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}

function bare(text: string): string {
  return text.replace(/[\p{P}\p{S}\s]/gu, '');
}
