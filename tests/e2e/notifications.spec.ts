/** Native notifications, observed over D-Bus as a desktop sees them. */
import { windowOf, windowStates } from '../helpers/desktop/x11.ts';
import { alertStrongly, openChat, row, setFocus } from './person.ts';
import { until } from '../helpers/desktop/until.ts';
import { GroupCalls } from '../integration/server/groups.ts';
import { expect, test } from './desktop-world.ts';

test.skip(process.platform !== 'linux', 'observed over D-Bus');

test('a notification says who and what, opens the chat, and goes when it was read', async ({ world }) => {
  const { notifications, magpie } = world;
  const { page } = magpie;
  const ann = await world.friend('ann_note');
  await world.friend('ben_note');
  const cem = await world.friend('cem_note');
  await openChat(page, 'ben_note');

  await test.step('name, text as typed, picture', async () => {
    await ann.say('<b>5 < 6 & 7</b>');
    const shown = await notifications.waitFor(({ body }) => body.includes('5'));
    expect(shown.title).toMatch(/^ann_note/);
    // The desktop understands markup: as text it reads what was typed.
    expect(shown.body).toBe('&lt;b&gt;5 &lt; 6 &amp; 7&lt;/b&gt;');
    expect(shown.hints).toMatchObject({ 'desktop-entry': 'magpie', category: 'im.received', urgency: 1 });
    expect(shown.picture?.width).toBe(64);
    expect(shown.actions.map(({ key }) => key)).toEqual(['default', 'inline-reply', 'mark-read']);
  });

  await test.step('the next message replaces it', async () => {
    await ann.say('and another');
    const shown = await notifications.waitFor(({ body }) => body === 'and another');
    await expect.poll(() => notifications.open).toHaveLength(1);
    expect(shown.replacesId).toBe(shown.id);
  });

  await test.step('a click opens the conversation, which is then read', async () => {
    const [shown] = notifications.open;
    notifications.click(shown?.id ?? 0);
    await expect(page.getByTestId('chat-title')).toContainText('ann_note');
    await expect(page.getByTestId('message-text').getByText('and another')).toBeInViewport();
  });

  await test.step('nothing for the chat in view', async () => {
    const before = notifications.history.length;
    await page.bringToFront();
    await page.getByTestId('composer-input').focus();
    await ann.say('you see this');
    await expect(page.getByTestId('message-text').getByText('you see this')).toBeVisible();
    await openChat(page, 'ben_note');
    await ann.say('you do not see this');
    await notifications.waitFor(({ body }) => body === 'you do not see this');
    expect(notifications.history).toHaveLength(before + 1);
  });

  await test.step('one for the chat that is open in a minimised window', async () => {
    await openChat(page, 'cem_note');
    await magpie.window.minimize();
    await setFocus(page, false);
    await cem.say('while you look elsewhere');
    await notifications.waitFor(({ body }) => body === 'while you look elsewhere');
    await magpie.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.restore());
    await expect.poll(magpie.window.isShown).toBe(true);
    await setFocus(page, true);
    // Seen is read: its notification goes by itself.
    await until(() => !notifications.open.some(({ body }) => body === 'while you look elsewhere'), {
      what: 'the notification of the chat in view to go',
    });
  });

  await test.step('reading takes it away', async () => {
    await row(page, 'ann_note').click();
    await until(() => notifications.open.length === 0, { what: 'the notification to go' });
    await openChat(page, 'ben_note');
  });

  await test.step('so does reading on another device', async () => {
    const message = await ann.say('read on the phone');
    await notifications.waitFor(({ body }) => body === 'read on the phone');
    await world.readElsewhere(ann, message);
    await until(() => notifications.open.length === 0, { what: 'the notification to go' });
  });

  await test.step('a reply goes out and reads', async () => {
    await ann.say('lunch?');
    const shown = await notifications.waitFor(({ body }) => body === 'lunch?');
    notifications.reply(shown.id, 'yes, at one');
    await expect(row(page, 'ann_note')).toHaveAttribute('data-unread', '0');
    await openChat(page, 'ann_note');
    await expect(page.getByTestId('message').filter({ hasText: 'yes, at one' })).toHaveAttribute(
      'data-own',
      'true',
    );
    await openChat(page, 'ben_note');
  });

  await test.step('mark as read reads', async () => {
    await ann.say('for your information');
    const shown = await notifications.waitFor(({ body }) => body === 'for your information');
    notifications.action(shown.id, 'mark-read');
    await expect(row(page, 'ann_note')).toHaveAttribute('data-unread', '0');
  });

  await test.step('none for muted ones', async () => {
    const before = notifications.history.length;
    await row(page, 'ann_note').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Mute' }).click();
    await ann.say('hush');
    await expect(row(page, 'ann_note')).toHaveAttribute('data-unread', '1');
    await cem.say('after the muted one');
    await notifications.waitFor(({ body }) => body === 'after the muted one');
    expect(notifications.history.slice(before).filter(({ title }) => title.startsWith('ann_note'))).toEqual(
      [],
    );
    // Among them the sounds, which a wrong policy of the page would refuse.
    expect(magpie.problems()).toEqual([]);
  });
});

test('a muted group calls those whom somebody means in it, whoever writes on, until they do not want it', async ({
  world,
}) => {
  const { notifications, magpie, tray, launcher, server, me } = world;
  const groups = new GroupCalls(server);
  const ann = await world.friend('ann_mention');
  const ben = await world.friend('ben_mention');
  const id = await groups.foundAgain(ann.account, [me]);
  const say = (text: string) => groups.send(ann.account, id, text);
  const mean = (text: string) => groups.send(ann.account, id, text, { mentions: [me.id] });
  const group = () =>
    magpie.page.getByTestId('conversation-row').and(magpie.page.locator('[data-conversation-id^="group:"]'));
  await group().click({ button: 'right' });
  await magpie.page.getByRole('menuitem', { name: 'Mute' }).click();
  await expect(group()).toHaveAttribute('data-muted', 'true');
  const readAll = async () => {
    await magpie.page.getByTestId('rail-chats').click();
    await group().click();
    await expect(group()).toHaveAttribute('data-unread', '0');
    for (const { account } of [ben, ann]) {
      await row(magpie.page, account.username).click();
      await expect(row(magpie.page, account.username)).toHaveAttribute('data-unread', '0');
    }
    await until(() => notifications.open.length === 0, { what: 'the notifications to go' });
  };
  await readAll();

  await test.step('what means me is shown and counted, the rest is not', async () => {
    await say('among ourselves');
    await mean('look here');
    await say('and on it goes');
    const shown = await notifications.waitFor(({ body }) => body.includes('look here'));
    expect(shown.body).toBe('ann_mention: look here');
    await expect(group()).toHaveAttribute('data-unread', '3');
    await expect(group().getByTestId('conversation-mentioned')).toBeVisible();
    const icon = await tray.item();
    await expect.poll(() => icon.tooltip()).toMatch(/^Magpie · 1 unread message · newest from /u);
    await expect.poll(() => launcher.last).toMatchObject({ count: 1, visible: true });
    expect(notifications.history.some(({ body }) => /ourselves|goes/u.test(body))).toBe(false);
    await readAll();
    await expect.poll(() => launcher.last).toMatchObject({ count: 0, visible: false });
  });

  await test.step('also when all of it came while the app was closed', async () => {
    await magpie.quit();
    await mean('are you there?');
    for (const text of ['one', 'two', 'three']) await say(text);
    await magpie.relaunch();
    await notifications.waitFor(({ body }) => body === 'ann_mention: are you there?');
    await readAll();
  });

  await test.step('nothing for whoever does not want it', async () => {
    await magpie.page.getByTestId('rail-settings').click();
    const choice = magpie.page.getByTestId('settings-muted-mentions').locator('[data-value="silent"]');
    await choice.click();
    await expect(choice).toBeChecked();
    await mean('never mind');
    await ben.say('after the mention');
    await notifications.waitFor(({ body }) => body === 'after the mention');
    expect(notifications.history.some(({ body }) => body.includes('never mind'))).toBe(false);
    await expect.poll(() => launcher.last).toMatchObject({ count: 2, visible: true });
  });
});

test('how much a notification says is the choice of the person', async ({ world }) => {
  const { notifications, magpie } = world;
  const ann = await world.friend('ann_private');
  await magpie.page.getByTestId('rail-settings').click();
  const choose = (value: string) =>
    magpie.page.getByTestId('settings-notification-privacy').locator(`[data-value="${value}"]`).click();
  await choose('name');
  await ann.say('secret one');
  const named = await notifications.waitFor(({ title }) => title === 'ann_private');
  expect(named.body).toMatch(/new message/i);
  await choose('none');
  await ann.say('secret two');
  const silent = await notifications.waitFor(({ title }) => title === 'Magpie');
  expect(silent.body).toBe('New message');
  expect(silent.picture).toBeNull();
  expect(JSON.stringify(notifications.history)).not.toContain('secret');
});

test('a flood becomes three notifications and one that sums up', async ({ world }) => {
  const { notifications, magpie } = world;
  const friends = [];
  for (const name of ['one', 'two', 'three', 'four', 'five'])
    friends.push(await world.friend(`${name}_flood`));
  await magpie.page.getByTestId('rail-settings').click();
  for (const { id } of [...notifications.open]) notifications.close(id, 'dismissed');
  for (const friend of friends)
    for (let number = 0; number < 4; number += 1) await friend.say(`hello ${number}`);
  const digest = await notifications.waitFor(({ title }) => title === '8 new messages in 2 conversations');
  expect(digest.body).toBe('four_flood, five_flood');
  await until(() => notifications.open.length === 4, { what: 'three notifications and the digest' });
});

test('paused in the tray menu, nothing is shown', async ({ world }) => {
  const { notifications, magpie, tray } = world;
  const icon = await tray.item();
  const ann = await world.friend('ann_pause');
  await magpie.page.getByTestId('rail-settings').click();
  await icon.clickMenu('For 1 hour');
  await expect.poll(() => icon.labels()).toContain('Resume notifications');
  const before = notifications.history.length;
  await ann.say('not now');
  await expect.poll(() => icon.tooltip()).toContain('unread');
  await icon.clickMenu('Resume notifications');
  await expect.poll(() => icon.labels()).toContain('Until tomorrow');
  await ann.say('now');
  await notifications.waitFor(({ body }) => body === 'now');
  expect(notifications.history.slice(before).map(({ body }) => body)).toEqual(['now']);
});

test('whoever asked the system to be left alone hears nothing and sees nothing flash', async ({
  world,
  desktop,
}) => {
  const { notifications, magpie, tray } = world;
  const { page } = magpie;
  const icon = await tray.item();
  const ann = await world.friend('ann_quiet');
  const ben = await world.friend('ben_loud');
  // The loudest that there is: sound, flashing window and blinking icon.
  await alertStrongly(page, 'ann_quiet');
  await alertStrongly(page, 'ben_loud');
  await page.getByTestId('rail-settings').click();
  await magpie.window.minimize();
  await expect.poll(magpie.window.isShown).toBe(false);
  const isFlashing = async () => {
    const { id } = await windowOf(desktop.env, magpie.app.process().pid ?? 0);
    return (await windowStates(desktop.env, id)).includes('DEMANDS_ATTENTION');
  };
  await page.evaluate(() => {
    const heard: unknown[] = [];
    Reflect.set(window, 'heardSounds', heard);
    const bridge = Reflect.get(window, 'magpie') as {
      on(channel: string, listener: (sound: unknown) => void): void;
    };
    bridge.on('sound:requested', (sound) => heard.push(sound));
  });
  const sounds = async () => {
    // What main has decided by now has left it when it answers.
    await magpie.app.evaluate(() => undefined);
    return page.evaluate(() => (Reflect.get(window, 'heardSounds') as unknown[]).length);
  };

  notifications.setQuiet(true);
  await ann.say('not so loud');
  // The system gets it all the same, and keeps it for later.
  await notifications.waitFor(({ body }) => body === 'not so loud');
  // Asked before the sound, and before flashing and blinking.
  await expect.poll(() => notifications.quietAnswers.filter(Boolean).length).toBe(2);
  expect(await sounds()).toBe(0);
  expect(await isFlashing()).toBe(false);

  notifications.setQuiet(false);
  const before = icon.iconChanges.length;
  await ben.say('now you may');
  await expect.poll(sounds).toBe(1);
  await expect.poll(isFlashing).toBe(true);
  await expect.poll(() => icon.iconChanges.length).toBeGreaterThan(before + 2);
});

test('a session that ends says so on the desktop', async ({ world }) => {
  await world.server.data('POST', '/api/loginChat', {
    json: { username: 'me_desktop', password: 'correct-horse-9' },
    headers: { 'x-magpie-device': 'desktop:22222222-2222-4222-8222-222222222222' },
  });
  const shown = await world.notifications.waitFor(({ title }) => title === 'You were signed out');
  expect(shown.body).toContain('Sign in again');
});
