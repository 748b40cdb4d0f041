import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  folder,
  path,
  sql,
  history,
  open,
  incoming,
  receive,
  enqueue,
  texts,
} from '../../../tests/helpers/history/engine-on-disk.ts';

describe('the file', () => {
  test('survives a restart, words unreadable on disk', () => {
    receive([incoming({ content: { kind: 'text', text: 'a very secret sentence' } })]);
    enqueue('m1', 'still to send');
    sql.close();
    for (const file of readdirSync(folder))
      expect(readFileSync(join(folder, file)).includes('a very secret sentence')).toBe(false);
    expect(open()).toBe(false);
    expect(texts()).toEqual(['a very secret sentence', 'still to send']);
    expect(history.pendingConversations()).toEqual(['single:2']);
  });

  test('a damaged file, or one of another key, is set aside and a new one begun', () => {
    receive([incoming()]);
    sql.close();
    expect(open('cd'.repeat(32))).toBe(true);
    expect(history.listConversations().conversations).toEqual([]);
    sql.close();
    writeFileSync(path, 'this is no database'.repeat(400));
    rmSync(`${path}-wal`, { force: true });
    expect(open()).toBe(true);
    expect(readdirSync(folder).filter((file) => /damaged-[^.]*Z$/u.test(file))).toHaveLength(2);
  });

  test('a full disk is an expected error, and what was stored stays', () => {
    receive([incoming()]);
    sql.all(`PRAGMA max_page_count = 1`);
    const big = incoming({ serverId: 'big', content: { kind: 'text', text: 'x'.repeat(200_000) } });
    expect(() => receive([big])).toThrow(expect.objectContaining({ code: 'disk-full' }));
    expect(texts()).toEqual(['s1']);
    expect(history.listConversations().unreadTotal).toBe(1);
  });
});
