import { expect, test } from 'vitest';
import { addressesOf, withAddresses } from '#protocol/model/message';
import { createMessageFiles } from './message-files.ts';
import { unsentImage } from '../../../tests/helpers/files/unsent-image.ts';
import { createPreparations } from './preparations.ts';

test('a picture that is given up when it has just been sent holds nobody up, and what it became goes', async () => {
  const preparations = createPreparations();
  const [chosen, made] = [unsentImage('stage:chosen'), unsentImage('stage:made', false)];
  const released: string[] = [];
  const files = createMessageFiles({
    outgoing: {
      behind: (addresses) =>
        Promise.resolve(
          new Map(
            addresses.flatMap((one) => (one.startsWith('stage:') ? [[one, one.slice(6)] as const] : [])),
          ),
        ),
      forgotten: () => Promise.resolve(),
    },
    transfers: { start: () => undefined, done: (id) => Promise.resolve(`/${id}`) },
    preparations,
    dialect: { cover: () => Promise.resolve(null), sendMedia: () => expect.unreachable() },
    log: { info: () => undefined },
    drawsFilms: () => false,
    snapshot: () => expect.unreachable(),
    release: (id) => Promise.resolve(void released.push(id)),
  });
  preparations.finished(chosen, made);
  const { staged, content } = await files.ready(chosen);
  expect(addressesOf(content)).toEqual(addressesOf(withAddresses(made, () => '/made')));
  // Before the server says that it has the message.
  preparations.forget('stage:chosen');
  await files.sent(staged, content);
  expect(released).toEqual(['made']);
});
