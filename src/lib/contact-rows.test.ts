import { expect, it } from 'vitest';
import type { Contact } from '#protocol/model/contact';
import { contactRows } from './contact-rows.ts';

const contact = (accountId: number, name: string, initial: string): Contact => ({
  accountId,
  contactId: accountId,
  uuid: '',
  username: name,
  nickname: '',
  alias: '',
  name,
  avatar: '',
  initial,
});

it('groups by initial, with # at the end and the count below', () => {
  const rows = contactRows([
    contact(1, '007', '#'),
    contact(2, '周明', 'Z'),
    contact(3, 'Ben', 'B'),
    contact(4, 'Ana', 'A'),
    contact(5, '白', 'B'),
  ]);
  expect(
    rows.map((row) =>
      row.kind === 'contact' ? row.contact.name : row.kind === 'initial' ? row.initial : row.count,
    ),
  ).toEqual(['A', 'Ana', 'B', '白', 'Ben', 'Z', '周明', '#', '007', 5]);
  expect(contactRows([])).toEqual([]);
});
