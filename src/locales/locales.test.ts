import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '#protocol/errors';
import { en } from './en/index.ts';
import { zhCN } from './zh-CN/index.ts';

function flatten(node: object, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(node)) {
    if (typeof value === 'string') found.set(path + key, value);
    else for (const [inner, text] of flatten(value as object, `${path}${key}.`)) found.set(inner, text);
  }
  return found;
}

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

describe('locales', () => {
  const chinese = flatten(zhCN);
  const english = flatten(en);
  it('hold the same keys, none of them empty', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
    for (const [key, text] of [...chinese, ...english]) expect(text.trim(), key).not.toBe('');
  });
  it('use the same placeholders', () => {
    for (const [key, text] of chinese)
      expect(placeholders(english.get(key)!), key).toEqual(placeholders(text));
  });
  it('have a text for every error code', () => {
    for (const code of ERROR_CODES) expect(chinese.has(`errors.${code}`), code).toBe(true);
  });
});
