import { readFile } from 'node:fs/promises';
import { PNG } from 'pngjs';
import { describe, expect, test } from 'vitest';
import type { HistoryChanges } from '#protocol/ipc';
import type { Conversation } from '#protocol/model/conversation';
import type { Message } from '#protocol/model/message';
import { settingsOver } from '../settings/settings.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createAttention } from './attention.ts';
import { arrivalText, digestText, escapeMarkup } from './notification-text.ts';
import { createPause, tomorrowMorning } from './pause.ts';
import { DESKTOP_TEXTS } from './texts.ts';
import { trayMenu } from './tray-menu.ts';
import { badgePlace, fade, layOver, sizeAt, TRAY_LABELS, trayLabel } from './tray-picture.ts';

const texts = DESKTOP_TEXTS.en;

const conversation = (id: string, unread: number, more: Partial<Conversation> = {}): Conversation => ({
  id,
  kind: 'single',
  name: `Name of ${id}`,
  avatars: [],
  preview: null,
  lastActivityAt: 0,
  unread,
  pinned: false,
  strongAlert: false,
  showNicknames: false,
  muted: false,
  draft: '',
  link: null,
  ...more,
});
const message = (conversationId: string, ordinal: number, more: Partial<Message> = {}): Message => ({
  id: `${conversationId}-${ordinal}`,
  conversationId,
  serverId: 's',
  position: { major: ordinal, minor: 0, ordinal },
  senderId: 1,
  senderName: 'Ann',
  senderAvatar: '',
  own: false,
  content: { kind: 'text', text: `text ${ordinal}` },
  status: 'sent',
  failure: null,
  recalled: false,
  recallable: false,
  createdAt: 0,
  ...more,
});
const changes = (more: Partial<HistoryChanges>): HistoryChanges => ({
  conversations: [],
  removedConversations: [],
  messages: [],
  removedMessages: [],
  unreadTotal: 0,
  ...more,
});

describe('what waits for the person', () => {
  test('what was there when the history was opened is not new', () => {
    const attention = createAttention();
    attention.open([conversation('a', 2), conversation('b', 0)], 2);
    expect(
      attention.apply(changes({ conversations: [conversation('a', 2)], unreadTotal: 2 })).arrivals,
    ).toEqual([]);
    const { arrivals } = attention.apply(
      changes({
        conversations: [conversation('a', 3)],
        messages: [message('a', 7), message('a', 9), message('a', 8), message('a', 10, { own: true })],
        unreadTotal: 3,
      }),
    );
    expect(arrivals.map((one) => one.message?.id)).toEqual(['a-9']);
    expect(attention.total).toBe(3);
  });

  test('read here or elsewhere, hidden, taken back', () => {
    const attention = createAttention();
    attention.open([conversation('a', 2), conversation('b', 1), conversation('c', 1)], 4);
    const change = attention.apply(
      changes({
        conversations: [conversation('a', 0), conversation('c', 1)],
        removedConversations: ['b'],
        messages: [message('c', 1, { recalled: true })],
        unreadTotal: 1,
      }),
    );
    expect(change).toEqual({ arrivals: [], read: ['a', 'b'], gone: ['c-1'] });
  });

  test('in a muted group it is what means the person that arrives, and only that is counted', () => {
    const attention = createAttention();
    const group = (unread: number, mentions: number) =>
      conversation('g', unread, { kind: 'group', muted: true, ...(mentions > 0 ? { mentions } : {}) });
    const tell = (unread: number, mentions: number, messages: Message[]) =>
      attention
        .apply(changes({ conversations: [group(unread, mentions)], messages, unreadTotal: mentions }))
        .arrivals.map((one) => one.message?.id);
    attention.open([group(1, 0)], 0);
    const [meant, other] = [message('g', 2, { meansMe: true }), message('g', 3)];
    expect(tell(3, 1, [meant, other])).toEqual(['g-2']);
    // It was told already; what comes now is another one.
    expect(tell(4, 1, [meant, message('g', 4)])).toEqual(['g-4']);
    expect(attention.newest(5).map(({ id, unread }) => [id, unread])).toEqual([['g', 1]]);
    expect(attention.mutedTotal).toBe(3);
    // The log said how many there are, and now come the messages.
    expect(tell(4, 2, [message('g', 3, { meansMe: true })])).toEqual(['g-3']);
    // Where everything calls, the newest does.
    attention.open([], 0);
    const loud = conversation('g', 2, { kind: 'group', mentions: 1 });
    const { arrivals } = attention.apply(changes({ conversations: [loud], messages: [meant, other] }));
    expect(arrivals.map((one) => one.message?.id)).toEqual(['g-3']);
  });

  test('the menu shows the newest that are not muted', () => {
    const attention = createAttention();
    attention.open(
      [
        conversation('old', 1, { lastActivityAt: 1 }),
        conversation('new', 1, { lastActivityAt: 3 }),
        conversation('muted', 4, { lastActivityAt: 4, muted: true }),
      ],
      2,
    );
    expect(attention.newest(5).map(({ id }) => id)).toEqual(['new', 'old']);
    expect(attention.mutedTotal).toBe(4);
  });
});

describe('the text of a notification', () => {
  const arrival = { conversation: conversation('a', 3, { name: 'Ann' }), message: message('a', 1) };
  test('at each level of privacy', () => {
    expect(arrivalText(arrival, 'full', texts)).toEqual({ title: 'Ann (3)', body: 'text 1' });
    expect(arrivalText(arrival, 'name', texts)).toEqual({ title: 'Ann', body: '3 new messages' });
    expect(arrivalText(arrival, 'none', texts)).toEqual({ title: 'Magpie', body: 'New message' });
    expect(digestText([arrival, arrival], 'none', texts)).toEqual({
      title: 'Magpie',
      body: '6 new messages',
    });
    expect(digestText([arrival], 'full', texts).title).toBe('3 new messages in 1 conversation');
  });

  test('a group names who wrote; a message that is not here yet is only counted', () => {
    const group = { ...arrival, conversation: conversation('g', 1, { kind: 'group', name: 'Team' }) };
    expect(arrivalText(group, 'full', texts)).toEqual({ title: 'Team', body: 'Ann: text 1' });
    expect(arrivalText({ ...arrival, message: null }, 'full', texts).body).toBe('3 new messages');
  });

  test('is one line of a bounded length, and never markup', () => {
    const long = message('a', 1, { content: { kind: 'text', text: `a\n\n b${'😀'.repeat(5_000)}` } });
    const { body } = arrivalText({ ...arrival, message: long }, 'full', texts);
    expect(body.startsWith('a b😀')).toBe(true);
    expect(body).not.toMatch(/\p{Surrogate}/u);
    expect([...body].length).toBeLessThanOrEqual(241);
    expect(escapeMarkup('<a href="x">&amp;</a>')).toBe('&lt;a href="x"&gt;&amp;amp;&lt;/a&gt;');
  });
});

describe('the tray icon', () => {
  test('says how many', () => {
    expect([0, 1, 99, 100, 5_000].map((count) => trayLabel(count, false))).toEqual([
      '',
      '1',
      '99',
      '99+',
      '99+',
    ]);
    expect(trayLabel(0, true)).toBe('dot');
    expect(trayLabel(3, true)).toBe('3');
  });

  test('has its own drawing at each scale', () => {
    expect([1, 1.25, 1.5, 2, 3].map((scale) => sizeAt(16, scale))).toEqual([16, 20, 24, 32, 48]);
    expect([1, 2, 3, 9].map((scale) => sizeAt(24, scale))).toEqual([24, 48, 72, 72]);
    const places = TRAY_LABELS.map((label) => badgePlace(label, 24));
    expect(new Set(places.map((place) => JSON.stringify(place))).size).toBe(101);
    expect(badgePlace('', 24)).toBeNull();
  });

  test('every drawing is made for its own pixels: no scale shows a stretched one', async () => {
    const drawing = async (name: string) =>
      PNG.sync.read(await readFile(new URL(`../../../resources/icons/tray/${name}.png`, import.meta.url)));
    for (const scale of [1, 1.25, 1.5, 2, 2.5, 3])
      for (const points of [16, 24]) {
        const size = sizeAt(points, scale);
        const mark = await drawing(`mark-${size}`);
        expect([mark.width, mark.height], `${points} points at ${scale}`).toEqual([size, size]);
        const sheet = await drawing(`badges-${size}`);
        expect([sheet.width, sheet.height]).toEqual([size * 10, size * Math.ceil(TRAY_LABELS.length / 10)]);
        for (const label of ['7', '99+'] as const) {
          const { x, y } = badgePlace(label, size) ?? { x: 0, y: 0 };
          // Its ground is of the one red, and not of the colours that stretching would make of red and nothing.
          let [ground, drawn] = [0, 0];
          for (let row = y; row < y + size; row += 1)
            for (let column = x; column < x + size; column += 1) {
              const [red = 0, green = 0, blue = 0, alpha = 0] = sheet.data.subarray(
                (row * sheet.width + column) * 4,
              );
              if (alpha > 0) drawn += 1;
              if (alpha === 255 && red === 220 && green === 38 && blue === 38) ground += 1;
            }
          expect(drawn, `${label} at ${size}`).toBeLessThan(size * size);
          expect(ground / drawn, `${label} at ${size}`).toBeGreaterThan(0.2);
        }
      }
  });

  test('is put together by the rules of premultiplied colours', () => {
    const base = Buffer.from([10, 20, 30, 255, 10, 20, 30, 255, 0, 0, 0, 0]);
    const top = Buffer.from([0, 0, 200, 255, 0, 0, 0, 0, 0, 0, 100, 128]);
    expect([...layOver(base, top)]).toEqual([0, 0, 200, 255, 10, 20, 30, 255, 0, 0, 100, 128]);
    const faded = fade(Buffer.from([0, 0, 255, 255]));
    expect(faded[0]).toBe(faded[2]);
    expect(faded[3]).toBe(153);
  });
});

describe('the menu of the tray icon', () => {
  const done: string[] = [];
  const act = (name: string) => () => void done.push(name);
  const actions = {
    open: act('open'),
    openConversation: (id: string) => void done.push(`open ${id}`),
    pauseForAnHour: act('hour'),
    pauseUntilTomorrow: act('tomorrow'),
    resume: act('resume'),
    openSettings: act('settings'),
    quit: act('quit'),
  };
  const state = {
    status: 'Online',
    signedIn: true,
    locked: false,
    showNames: true,
    newest: [conversation('a', 2, { name: 'R&D' })],
    pausedUntil: null,
  };
  const labels = (menu: ReturnType<typeof trayMenu>) => menu.map(({ label }) => label ?? '-');

  test('leads to the newest conversations', () => {
    const menu = trayMenu(state, texts, actions);
    expect(labels(menu)).toEqual([
      'Open Magpie',
      'Online',
      '-',
      'R&&D (2)',
      '-',
      'Pause notifications',
      'Settings…',
      '-',
      'Quit Magpie',
    ]);
    (menu[3]?.click as () => void)();
    expect(done).toEqual(['open a']);
  });

  test('names nobody when it is locked, or notifications must not', () => {
    for (const more of [{ locked: true }, { showNames: false }, { signedIn: false }])
      expect(JSON.stringify(labels(trayMenu({ ...state, ...more }, texts, actions)))).not.toContain('R&');
  });
});

describe('a pause of notifications', () => {
  test('ends by itself, outlives a restart, and can be ended', () => {
    const clock = createFakeClock();
    const settings = settingsOver();
    let changed = 0;
    const open = () => createPause({ settings, clock, onChange: () => (changed += 1) });
    const pause = open();
    pause.forAnHour();
    expect(pause.until).toBe(clock.now() + 3_600_000);
    pause.close();
    const again = open();
    expect(again.until).not.toBeNull();
    clock.advance(3_600_000);
    expect(again.until).toBeNull();
    expect(changed).toBe(2);
    again.untilTomorrow();
    again.resume();
    expect(again.until).toBeNull();
    expect(clock.planned).toBe(0);
  });

  test('until tomorrow means the next morning, also shortly after midnight', () => {
    const at = (text: string) => new Date(text).getTime();
    expect(tomorrowMorning(at('2026-03-04T23:59:00'))).toBe(at('2026-03-05T08:00:00'));
    expect(tomorrowMorning(at('2026-12-31T00:01:00'))).toBe(at('2027-01-01T08:00:00'));
  });
});
