/** Enter while an input method composes: it takes the word, and the message is sent by the next one. */
import { row } from './person.ts';
import { expect, test } from './desktop-world.ts';

test('Enter that belongs to the input method sends nothing, in both manners of it', async ({ world }) => {
  const { magpie } = world;
  const { page } = magpie;
  await world.friend('ann_ime');
  await row(page, 'ann_ime').click();
  const field = page.getByTestId('composer-input');
  await field.focus();
  const devtools = await page.context().newCDPSession(page);
  const compose = (text: string) =>
    devtools.send('Input.imeSetComposition', {
      text,
      selectionStart: text.length,
      selectionEnd: text.length,
    });
  const enter = (windowsVirtualKeyCode: number) =>
    devtools.send('Input.dispatchKeyEvent', {
      type: 'rawKeyDown',
      key: 'Enter',
      code: 'Enter',
      windowsVirtualKeyCode,
    });
  const sent = page.getByTestId('message-text');
  const before = await sent.count();

  await test.step('while it composes', async () => {
    await compose('nihao');
    await enter(13);
    await expect(field).toHaveValue('nihao');
  });

  await test.step('after it ended, with the key code 229 that Chinese input methods send', async () => {
    await devtools.send('Input.insertText', { text: '你好' });
    await expect(field).toHaveValue('你好');
    await enter(229);
    await expect(field).toHaveValue('你好');
    expect(await sent.count()).toBe(before);
  });

  await test.step('the next one is the person’s', async () => {
    await page.keyboard.press('Enter');
    await expect(sent.last()).toHaveText('你好');
    await expect(field).toHaveValue('');
  });
});
