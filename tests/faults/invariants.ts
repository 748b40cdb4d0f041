/** What must hold when everything has settled, whatever was killed or cut before. */
import { numberOf, writerOf, type Journal } from './journal.ts';
import type { PersonReport, SeenMessage } from './person-protocol.ts';
import { idFor, visibleTo, type StoredConversation, type StoredMessage } from './server-truth.ts';

/** One device. */
export interface Witness {
  /** Of the account. */
  id: number;
  name: string;
  journal: Journal;
  report: PersonReport;
}

/** Empty when all is well; else one line per broken promise. */
export function violations(server: readonly StoredConversation[], people: readonly Witness[]): string[] {
  const copies = new Map<string, number>();
  for (const { messages } of server)
    for (const { text, isNotice, recalled } of messages)
      if (!isNotice && !recalled) copies.set(text, (copies.get(text) ?? 0) + 1);
  const recalling = new Set(people.flatMap(({ journal }) => [...journal.recalling]));
  const refused = new Set(people.flatMap(({ journal }) => [...journal.refused]));
  return [
    ...[...copies].filter(([, n]) => n > 1).map(([text, n]) => `${text}: ${n} copies on the server`),
    ...server.flatMap(brokenNumbers),
    ...server.flatMap((one) => brokenTurns(one, refused)),
    ...brokenRecalls(server, people, copies, recalling),
    ...people.flatMap((person) => brokenPromises(person, copies, recalling)),
    ...people.flatMap((person) => server.flatMap((one) => brokenHistory(person, one))),
    ...people.flatMap(brokenTotal),
  ];
}

const nameOf = ({ members, groupId }: StoredConversation) =>
  groupId === null ? members.join('-') : `group ${groupId}`;

function brokenNumbers(one: StoredConversation): string[] {
  const wrong = one.messages.findIndex(({ seq }, index) => seq !== index + 1);
  return wrong < 0 ? [] : [`${nameOf(one)}: number ${wrong + 1} is missing on the server`];
}

/**
 * The texts of each device are in the order of writing. One that was refused has lost its turn: when the network brings its
 * request a second time and the writer is a member again by then, it comes in where it comes.
 */
function brokenTurns(one: StoredConversation, refused: ReadonlySet<string>): string[] {
  const last = new Map<string, number>();
  const broken: string[] = [];
  for (const { text } of one.messages.filter(({ isNotice, recalled }) => !isNotice && !recalled)) {
    if (refused.has(text)) continue;
    const [writer, number] = [writerOf(text), numberOf(text)];
    if (number <= (last.get(writer) ?? 0)) broken.push(`${nameOf(one)}: ${text} is out of order`);
    last.set(writer, number);
  }
  return broken;
}

/** As many texts are gone as messages were taken back. */
function brokenRecalls(
  server: readonly StoredConversation[],
  people: readonly Witness[],
  copies: Map<string, number>,
  recalling: Set<string>,
): string[] {
  const gone = people
    .flatMap(({ journal }) => journal.accepted)
    .filter((text) => recalling.has(text) && !copies.has(text)).length;
  const recalled = server.flatMap(({ messages }) => messages).filter((one) => one.recalled).length;
  // What was handed over by a call that did not come back may have been taken back all the same.
  const unsure = people
    .flatMap(({ journal }) => journal.tried.filter((text) => !journal.accepted.includes(text)))
    .filter((text) => recalling.has(text)).length;
  return gone <= recalled && recalled <= gone + unsure
    ? []
    : [`${recalled} messages taken back on the server, but ${gone} texts gone`];
}

function brokenPromises(
  { id, name, journal, report }: Witness,
  copies: Map<string, number>,
  recalling: Set<string>,
): string[] {
  if (report.phase !== 'signed-in') return [`${name} (${id}) is ${report.phase}`];
  // What the server refused is said to be so, and nothing of it is lost.
  const refused = new Set(
    report.conversations.flatMap(({ messages }) => messages.filter(isRefused)).map(({ text }) => text),
  );
  const isThere = (text: string) => copies.has(text) || recalling.has(text);
  return [
    ...journal.accepted
      .filter((text) => !isThere(text) && !refused.has(text))
      .map((text) => `${text}: accepted, but lost`),
    ...[...journal.shown].filter((text) => !isThere(text)).map((text) => `${text}: shown as sent, but lost`),
  ];
}

function brokenHistory({ id, name, report }: Witness, one: StoredConversation): string[] {
  if (!one.members.includes(id)) return [];
  const seen = report.conversations.find((conversation) => conversation.id === idFor(one, id));
  if (seen === undefined) return [`${name}: no conversation ${idFor(one, id)}`];
  const broken: string[] = [];
  const where = `${name} in ${nameOf(one)}`;
  const visible = visibleTo(one, id);
  // Nobody can write into a group while he is not in it: there a refusal is as it should be.
  const mayBeRefused = visible.length < one.messages.length;
  const messages = seen.messages.filter((message) => !(mayBeRefused && isRefused(message)));
  for (const { text, status } of messages.filter(({ own }) => own))
    if (status !== 'sent' && status !== 'read') broken.push(`${where}: ${text} is still ${status}`);

  const stored = visible.map((message) => line({ ...message, major: message.seq, minor: 0 }));
  const told = messages.map(line);
  const differs = stored.findIndex((expected, index) => told[index] !== expected);
  if (differs >= 0)
    broken.push(`${where}: expected "${stored[differs]}", found "${told[differs] ?? 'nothing'}"`);
  else if (told.length > stored.length) broken.push(`${where}: "${told[stored.length]}" is nowhere else`);

  const mark = one.marks.get(id) ?? 0;
  const unread = visible.filter(
    ({ seq, senderId, isNotice, recalled }) => seq > mark && senderId !== id && !isNotice && !recalled,
  ).length;
  if (unread !== seen.unread) broken.push(`${where}: ${seen.unread} unread instead of ${unread}`);
  return broken;
}

/** The badge is the sum of the rows that are not muted; nobody is mentioned here. */
function brokenTotal({ name, report }: Witness): string[] {
  const sum = report.rows.reduce((total, { unread, muted }) => total + (muted ? 0 : unread), 0);
  return sum === report.unreadTotal ? [] : [`${name}: ${report.unreadTotal} unread in all instead of ${sum}`];
}

const isRefused = ({ own, status }: SeenMessage) => own && status === 'failed';

const line = (one: Pick<SeenMessage & StoredMessage, 'text' | 'isNotice' | 'recalled' | 'major' | 'minor'>) =>
  `${one.major}${one.minor === 0 ? '' : `.${one.minor}`} ${one.isNotice ? 'notice' : one.recalled ? 'recalled' : one.text}`;
