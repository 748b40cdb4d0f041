/** What must hold when everything has settled, whatever was killed or cut before. */
import { numberOf, type Journal } from './journal.ts';
import type { PersonReport, SeenMessage } from './person-protocol.ts';
import type { StoredConversation } from './server-truth.ts';

export interface Witness {
  id: number;
  name: string;
  journal: Journal;
  report: PersonReport;
}

/** Empty when all is well; else one line per broken promise. */
export function violations(server: readonly StoredConversation[], people: readonly Witness[]): string[] {
  const copies = new Map<string, number>();
  for (const { messages } of server)
    for (const { text, isNotice } of messages) if (!isNotice) copies.set(text, (copies.get(text) ?? 0) + 1);
  return [
    ...[...copies].filter(([, n]) => n > 1).map(([text, n]) => `${text}: ${n} copies on the server`),
    ...server.flatMap(brokenNumbers),
    ...server.flatMap(brokenTurns),
    ...people.flatMap((person) => brokenPromises(person, copies)),
    ...people.flatMap((person) => server.flatMap((one) => brokenHistory(person, one))),
  ];
}

const nameOf = ({ members }: StoredConversation) => members.join('-');

function brokenNumbers(one: StoredConversation): string[] {
  const wrong = one.messages.findIndex(({ seq }, index) => seq !== index + 1);
  return wrong < 0 ? [] : [`${nameOf(one)}: number ${wrong + 1} is missing on the server`];
}

/** Each sender's texts are in the order of writing. */
function brokenTurns(one: StoredConversation): string[] {
  return one.members.flatMap((sender) => {
    const own = one.messages.filter(({ senderId, isNotice }) => senderId === sender && !isNotice);
    const numbers = own.map(({ text }) => numberOf(text));
    const wrong = numbers.findIndex((number, index) => index > 0 && number <= (numbers[index - 1] ?? 0));
    return wrong < 0 ? [] : [`${nameOf(one)}: ${own[wrong]?.text} is out of order`];
  });
}

function brokenPromises({ name, journal, report }: Witness, copies: Map<string, number>): string[] {
  return [
    ...(report.phase === 'signed-in' ? [] : [`${name} is ${report.phase}`]),
    ...journal.accepted.filter((text) => !copies.has(text)).map((text) => `${text}: accepted, but lost`),
    ...[...journal.shown]
      .filter((text) => !copies.has(text))
      .map((text) => `${text}: shown as sent, but lost`),
  ];
}

function brokenHistory({ id, name, report }: Witness, one: StoredConversation): string[] {
  if (!one.members.includes(id)) return [];
  const peer = one.members.find((member) => member !== id);
  const seen = report.conversations.find(({ peerId }) => peerId === peer);
  if (seen === undefined) return [`${name}: no conversation with ${peer}`];
  const broken: string[] = [];
  const where = `${name} in ${nameOf(one)}`;
  for (const { text, status } of seen.messages.filter(({ own }) => own))
    if (status !== 'sent' && status !== 'read') broken.push(`${where}: ${text} is still ${status}`);

  const stored = one.messages.map(({ seq, text, isNotice }) =>
    isNotice ? `${seq} notice` : `${seq} ${text}`,
  );
  const told = seen.messages.map(line);
  const differs = stored.findIndex((expected, index) => told[index] !== expected);
  if (differs >= 0)
    broken.push(`${where}: expected "${stored[differs]}", found "${told[differs] ?? 'nothing'}"`);
  else if (told.length > stored.length) broken.push(`${where}: "${told[stored.length]}" is nowhere else`);

  const mark = one.marks.get(id) ?? 0;
  const unread = one.messages.filter(
    ({ seq, senderId, isNotice }) => seq > mark && senderId !== id && !isNotice,
  ).length;
  if (unread !== seen.unread) broken.push(`${where}: ${seen.unread} unread instead of ${unread}`);
  return broken;
}

const line = ({ text, isNotice, major, minor }: SeenMessage) =>
  `${major}${minor === 0 ? '' : `.${minor}`} ${isNotice ? 'notice' : text}`;
