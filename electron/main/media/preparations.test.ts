import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MediaContent } from '#protocol/model/message';
import { unsentImage } from '../../../tests/helpers/files/unsent-image.ts';
import { createPreparations } from './preparations.ts';

test('whoever comes first, the one who waits gets what was made; a file that was given up is never sent', async () => {
  const moves = fc.array(fc.constantFrom('wait', 'finish', 'forget'), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(moves, async (order) => {
      const preparations = createPreparations();
      const [chosen, made] = [unsentImage('stage:chosen'), unsentImage('stage:made', false)];
      const waits: { heard: Promise<string>; expected: 'made' | 'given up' | 'waits' }[] = [];
      let isMade = false;
      for (const move of order) {
        if (move === 'wait') {
          const heard = preparations.ready(chosen).then(
            ({ file }: MediaContent) => file.url,
            () => 'given up',
          );
          waits.push({ heard, expected: isMade ? 'made' : 'waits' });
        } else if (move === 'finish') {
          preparations.finished(chosen, made);
          isMade = true;
          for (const wait of waits) if (wait.expected === 'waits') wait.expected = 'made';
        } else {
          preparations.forget('stage:chosen');
          isMade = false;
          for (const wait of waits) if (wait.expected === 'waits') wait.expected = 'given up';
        }
      }
      for (const { heard, expected } of waits) {
        const nothing = new Promise<string>((resolve) => setImmediate(() => resolve('waits')));
        const what = await Promise.race([heard, nothing]);
        expect(what).toBe(expected === 'made' ? 'stage:made' : expected);
      }
    }),
  );
});

test('a content that needs nothing is ready at once; the end of the app ends every wait', async () => {
  const preparations = createPreparations();
  const sent = unsentImage('stage:sent', false);
  expect(await preparations.ready(sent)).toBe(sent);
  const waiting = preparations.ready(unsentImage('stage:other'));
  preparations.stop();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
});

test('what was sent is forgotten under the address that it became', async () => {
  const preparations = createPreparations();
  preparations.finished(unsentImage('stage:chosen'), unsentImage('stage:made', false));
  preparations.forget('stage:made');
  const waiting = preparations.ready(unsentImage('stage:chosen'));
  preparations.stop();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
});
