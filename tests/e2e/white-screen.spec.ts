/** A window whose page hangs or dies: it comes back as it was, then without the graphics card, then it says so. */
import { row } from './person.ts';
import { RawMagpie } from '../helpers/raw-magpie.ts';
import { until } from '../helpers/desktop/until.ts';
import { expect, test } from './desktop-world.ts';

test.skip(process.platform !== 'linux', 'finds the processes in /proc');

const AS_BEFORE = `document.querySelector('[data-testid="chat-title"]')?.textContent.includes('ann_white') === true
  && document.querySelector('[data-testid="composer-input"]')?.value === 'half a sentence'`;

test('a page that hangs, one that dies, and one that cannot be helped', async ({ world }) => {
  const { magpie } = world;
  await world.friend('ann_white');
  await row(magpie.page, 'ann_white').click();
  await magpie.page.getByTestId('composer-input').fill('half a sentence');
  await magpie.quit();
  const raw = await RawMagpie.start({ ...magpie.command, profile: magpie.profileDir });
  /** The renderer that shows the page now is another one. */
  const another = (than: number) =>
    until(async () => (await raw.renderer()) !== than, { what: 'another renderer', timeout: 90_000 });
  try {
    const rowOf = `[...document.querySelectorAll('[data-testid="conversation-row"]')].find((row) => row.textContent.includes('ann_white'))`;
    await raw.waitFor(`${rowOf} !== undefined`, 'the list');
    await raw.evaluate(`${rowOf}.click()`);
    await raw.waitFor(AS_BEFORE, 'the chat and its draft');

    await test.step('silent: a loop that never ends', async () => {
      const renderer = await raw.renderer();
      await expect(raw.evaluate('for (;;);')).rejects.toThrow('no answer');
      await another(renderer);
      await raw.waitFor(AS_BEFORE, 'the page as it was');
    });

    await test.step('dead, the second time: the app starts anew without the graphics card', async () => {
      const before = raw.main()?.id;
      process.kill(await raw.renderer(), 'SIGKILL');
      await until(
        () => {
          const main = raw.main();
          return main !== undefined && main.id !== before && main.command.includes(' --safe-mode');
        },
        { what: 'the app in safe mode', timeout: 60_000 },
      );
      await raw.waitFor(`document.body.innerText.includes('without graphics acceleration')`, 'the notice');
      await raw.waitFor(AS_BEFORE, 'the page as it was');
    });

    await test.step('and again, twice: a page that needs nothing of ours says what is the matter', async () => {
      const first = await raw.renderer();
      process.kill(first, 'SIGKILL');
      await another(first);
      await raw.waitFor(AS_BEFORE, 'the page as it was');
      process.kill(await raw.renderer(), 'SIGKILL');
      await raw.waitFor(
        `document.body.innerText.includes('The window cannot be shown')`,
        'the page that says so',
      );
      expect(await raw.evaluate('document.scripts.length + document.styleSheets.length')).toBe(0);
      await raw.evaluate(`document.querySelector('#again').click()`);
      await raw.waitFor(
        `document.querySelector('[data-testid="conversation-list"]') !== null`,
        'the list again',
      );
    });
  } finally {
    await raw.end();
  }
});
