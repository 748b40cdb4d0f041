import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * How clients of the protocol that live in a web view keep their messages: one JSON text per conversation, read, lengthened
 * and written as a whole for every message, neither encrypted nor waited for to be on the disk. Gives the milliseconds
 * that a batch of 100 costs in a conversation of so many messages, from a few of them.
 */
export function batchTheJsonWay(folder: string, messages: number, samples: number): number {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${messages}.json`);
  const message = (index: number) => ({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    type: 'text',
    from_id: 2,
    from_name: 'Person 2',
    from_avatar: 'http://127.0.0.1:9/avatar/2',
    to_id: 1,
    chatType: 'single',
    data: `Message ${index}: 明天下午三点开会，请带上合同。The rest follows by mail.`,
    create_time: 1_700_000_000_000 + index,
    isremove: 0,
  });
  writeFileSync(path, JSON.stringify(Array.from({ length: messages }, (_, index) => message(index))));
  const times: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const start = performance.now();
    const all = JSON.parse(readFileSync(path, 'utf8')) as unknown[];
    all.push(message(messages + sample));
    writeFileSync(path, JSON.stringify(all));
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return 100 * (times[Math.floor(times.length / 2)] ?? NaN);
}
