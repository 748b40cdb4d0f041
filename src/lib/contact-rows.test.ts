import { expect, it } from 'vitest';
import type { Contact } from '#protocol/model/contact';
import { contactRows } from './contact-rows.ts';

const contact = (accountId: number, name: string, initial: string, starred = false): Contact => ({
  accountId,
  contactId: accountId,
  uuid: '',
  username: name,
  nickname: '',
  alias: '',
  name,
  avatar: '',
  initial,
  starred,
  blocked: false,
});

it('groups by initial, stars first, with # at the end and the count below', () => {
  const rows = contactRows([
    contact(1, '007', '#'),
    contact(2, '周明', 'Z'),
    contact(3, 'Ben', 'B'),
    contact(4, 'Ana', 'A'),
    contact(5, '白', 'B'),
    contact(6, 'Zoe', 'Z', true),
  ]);
  expect(
    rows.map((row) =>
      row.kind === 'contact' ? row.contact.name : row.kind === 'initial' ? row.initial : row.count,
    ),
  ).toEqual(['★', 'Zoe', 'A', 'Ana', 'B', '白', 'Ben', 'Z', '周明', '#', '007', 6]);
  expect(contactRows([])).toEqual([]);
});
