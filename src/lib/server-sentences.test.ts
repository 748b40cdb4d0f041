import { expect, test } from 'vitest';
import { readableSentence } from './server-sentences.ts';

test('a refusal is read in the language of the person', () => {
  const full = '存储空间不足，无法上传';
  expect(readableSentence(full, 'zh-CN')).toBe(full);
  expect(readableSentence(full, 'en')).toMatch(/full/u);
  expect(readableSentence(`上传失败: ${full}`, 'en')).toBe(
    `The upload failed: ${readableSentence(full, 'en')}`,
  );
  for (const language of ['en', 'zh-CN'])
    expect(readableSentence('Invalid filename: 报告.exe', language)).toMatch(/：? ?报告\.exe$/u);
  expect(readableSentence('Invalid filename: a.exe', 'zh-CN')).not.toMatch(/Invalid/u);
});

test('what nobody knows is shown as it came', () => {
  for (const language of ['en', 'zh-CN'])
    for (const sentence of ['本群今日已满', '账户或密码错误', 'quota of the tenant', '', 'toString'])
      expect(readableSentence(sentence, language)).toBe(sentence);
});
