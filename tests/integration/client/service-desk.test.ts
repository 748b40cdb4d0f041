/** Prepared answers and complaints with the real main-process modules against the real server. */
import { expect, test } from 'vitest';
import { runAdminCall } from '../../../server/admin/command-line.ts';
import { png } from '../../helpers/files/samples.ts';
import { account, dataFolder, friends, page, register } from './people.ts';

test('the life of prepared answers', async () => {
  const shop = await register('shop_desk');
  const { desk } = await shop.session.runtime();
  expect(await desk.answers()).toEqual([]);
  expect(await desk.tryAnswer('price')).toBeNull();
  await desk.saveAnswer({ id: null, question: 'What is the price?', answer: 'Ten yuan' });
  await desk.saveAnswer({ id: null, question: 'Where are you?', answer: 'Main street' });
  const [first] = (await desk.answers()).filter(({ question }) => question === 'What is the price?');
  if (first === undefined) throw new Error('the answer is not listed');
  await desk.saveAnswer({ ...first, answer: 'Nine yuan' });
  expect(await desk.tryAnswer('the price')).toEqual({ ...first, answer: 'Nine yuan' });
  expect(await desk.tryAnswer('seeyoutomorrow')).toBeNull();
  await desk.removeAnswer(first.id);
  expect((await desk.answers()).map(({ question }) => question)).toEqual(['Where are you?']);
  await expect(desk.removeAnswer(first.id)).rejects.toMatchObject({
    code: 'refused',
    details: { serverText: '问答不存在' },
  });
});

test('whoever is away answers what was prepared, and nothing else', async () => {
  const { ann, bob, withBob } = await friends();
  const { desk } = await bob.session.runtime();
  await desk.saveAnswer({ id: null, question: 'What is the price?', answer: 'Ten yuan' });
  await bob.session.close();
  const runtime = await ann.session.runtime();
  await runtime.sendText(withBob, 'see you tomorrow');
  await runtime.sendText(withBob, 'and the price?');
  await expect
    .poll(async () => (await page(ann, withBob)).at(-1)?.content.text, { timeout: 20_000 })
    .toBe('Ten yuan');
  const texts = (await page(ann, withBob)).map(({ content }) => content.text);
  expect(texts.filter((text) => text === 'Ten yuan')).toHaveLength(1);
});

test('a complaint carries pictures and what was really written, and can be taken back', async () => {
  const { ann, bob, withAnn, withBob } = await friends();
  await (await bob.session.runtime()).sendText(withAnn, 'you fool');
  await expect.poll(async () => (await page(ann, withBob)).at(-1)?.content.text).toBe('you fool');
  const insult = (await page(ann, withBob)).at(-1);
  if (insult === undefined) throw new Error('nothing arrived');
  const { desk } = await ann.session.runtime();
  const order = {
    subject: { kind: 'single' as const, id: account(bob).id, name: 'bob' },
    reason: 'Insults',
    text: 'Every day.',
    pictures: [{ bytes: new Uint8Array(png(32, 32, [9, 9, 9])), type: 'image/png' as const }],
    evidence: [insult.id],
  };
  await expect(desk.complain({ ...order, evidence: ['none'] })).rejects.toMatchObject({ code: 'not-found' });
  await desk.complain(order);
  expect(await desk.complaints()).toMatchObject([
    { subject: order.subject, reason: 'Insults', text: 'Every day.', state: 'pending', reply: '' },
  ]);

  const administer = (name: string, fields: Record<string, unknown>) =>
    runAdminCall({ dataDirectory: dataFolder(), name, fields });
  const { result } = (await administer('complaint', { id: 1 })) as {
    result: { images: string[]; evidence: { stored: string | null }[] };
  };
  expect(result.images).toEqual([expect.stringMatching(/^\/public\/uploads\/Diy\/chatImgs\/.+\.png$/)]);
  expect(result.evidence[0]?.stored).toContain('you fool');
  await administer('process', { id: 1, status: 'working', reply: 'We look into it.' });
  expect(await desk.complaints()).toMatchObject([{ state: 'working', reply: 'We look into it.' }]);
  await desk.withdrawComplaint(1);
  expect(await desk.complaints()).toEqual([]);
  await expect(desk.withdrawComplaint(1)).rejects.toMatchObject({
    code: 'refused',
    details: { serverText: '投诉记录不存在' },
  });
});
