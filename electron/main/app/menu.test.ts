import type { MenuItemConstructorOptions } from 'electron';
import { describe, expect, test } from 'vitest';
import type { AppCommand } from '#protocol/ipc';
import { contextItems, type ContextFacts } from './context-items.ts';
import { MENU_LABELS } from './menu-labels.ts';
import { menuTemplate, type MenuState } from './menu.ts';

const labels = MENU_LABELS.en;
const STATE: MenuState = {
  platform: 'linux',
  development: false,
  alwaysOnTop: false,
  canLock: true,
  inside: true,
  locked: false,
  chat: { kind: 'group', pinned: false, muted: false, unread: false },
};

const flat = (items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
  items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])]);

const setUp = (state: Partial<MenuState> = {}, locale: 'en' | 'zh-CN' = 'en') => {
  const done: unknown[] = [];
  const items = flat(
    menuTemplate({ ...STATE, ...state }, MENU_LABELS[locale], {
      command: (command) => done.push(command),
      zoom: (step) => done.push(step),
      toggleAlwaysOnTop: () => done.push('top'),
      lock: () => done.push('lock'),
      quit: () => done.push('quit'),
    }),
  );
  const choose = (label: string) =>
    items.find((item) => item.label === label)?.click?.({} as never, undefined, {} as never);
  return { items, choose, done };
};

describe('the menu bar', () => {
  test('every command does what it says', () => {
    const { items, choose, done } = setUp();
    for (const { label, click } of items) if (label !== undefined && click !== undefined) choose(label);
    const kinds = done.map((one) => (typeof one === 'object' ? (one as AppCommand).kind : one));
    // Zooming in is there twice, once for each of its keys.
    expect(kinds).toEqual([
      ...['create-group', 'add-contact', 'scan-code', 'open-settings', 'lock', 'quit'],
      ...[1, 1, -1, 0],
      ...['open-chats', 'open-contacts', 'open-groups'],
      ...['find-conversation', 'previous-conversation', 'next-conversation'],
      ...['search-in-chat', 'toggle-details', 'own-window'],
      ...['toggle-pinned', 'toggle-muted', 'toggle-unread', 'export-chat', 'export-chat'],
      ...['top', 'show-shortcuts', 'check-updates', 'open-doctor', 'open-diagnostics'],
    ]);
  });

  test('no key stands for two commands, on any system and in any language', () => {
    for (const platform of ['linux', 'win32', 'darwin'] as const) {
      for (const locale of ['en', 'zh-CN'] as const) {
        const keys = setUp({ platform }, locale).items.flatMap(({ accelerator }) => accelerator ?? []);
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys.length).toBeGreaterThan(14);
      }
    }
  });

  test('a locked app, or one that nobody signed in to, offers nothing that would show something', () => {
    const { items } = setUp({ inside: false, canLock: false });
    for (const label of [
      labels.settings,
      labels.newGroup,
      labels.chats,
      labels.findConversation,
      labels.lock,
    ])
      expect(items.find((item) => item.label === label)?.enabled, label).toBe(false);
    expect(items.find((item) => item.label === labels.quit)?.enabled).toBeUndefined();
  });

  test('what is done with a chat needs an open one, and is marked as it is there', () => {
    const ofChat = [
      ...[labels.searchInChat, labels.details, labels.ownWindow],
      ...[labels.pin, labels.mute, labels.exportChat, ...Object.values(labels.exportAs)],
    ];
    const find = (state: Partial<MenuState>, label: string) =>
      setUp(state).items.find((item) => item.label === label);
    for (const label of [...ofChat, labels.markUnread]) {
      expect(find({}, label)?.enabled, label).toBe(true);
      expect(find({ chat: null }, label)?.enabled, label).toBe(false);
      expect(find({ inside: false }, label)?.enabled, label).toBe(false);
    }
    const chat = { kind: 'single', pinned: true, muted: true, unread: true } as const;
    for (const label of [labels.pin, labels.mute]) {
      expect(find({}, label)).toMatchObject({ type: 'checkbox', checked: false });
      expect(find({ chat }, label)).toMatchObject({ type: 'checkbox', checked: true });
    }
    expect(find({ chat }, labels.markRead)?.enabled).toBe(true);
    expect(find({ chat }, labels.markUnread)).toBeUndefined();
    const service = { ...chat, kind: 'service', unread: false } as const;
    expect(find({ chat: service }, labels.markUnread)?.enabled).toBe(false);
    const { choose, done } = setUp();
    for (const label of Object.values(labels.exportAs)) choose(label);
    expect(done).toEqual([
      { kind: 'export-chat', format: 'html' },
      { kind: 'export-chat', format: 'json' },
    ]);
  });

  test('who cannot sign in has the connection checked, unless the app is locked', () => {
    for (const locked of [false, true]) {
      const { items } = setUp({ inside: false, locked });
      for (const label of [labels.doctor, labels.diagnostics])
        expect(items.find((item) => item.label === label)?.enabled, label).toBe(!locked);
    }
  });

  test('tools for developers are for developers', () => {
    const roles = (development: boolean) => setUp({ development }).items.map(({ role }) => role);
    expect(roles(true)).toEqual(expect.arrayContaining(['reload', 'toggleDevTools']));
    expect(roles(false)).not.toEqual(expect.arrayContaining(['toggleDevTools']));
    expect(roles(false)).not.toEqual(expect.arrayContaining(['reload']));
  });
});

describe('the menu under the right button', () => {
  const nothing: ContextFacts = {
    isEditable: false,
    editFlags: {
      canCopy: true,
      canCut: true,
      canDelete: true,
      canEditRichly: false,
      canPaste: false,
      canRedo: false,
      canSelectAll: true,
      canUndo: true,
    },
    selectionText: '',
    linkURL: '',
    mediaType: 'none',
    hasImageContents: false,
    misspelledWord: '',
    dictionarySuggestions: [],
  };
  const menuOf = (facts: Partial<ContextFacts>) => {
    const done: string[] = [];
    const note = (what: string) => (text?: string) => void done.push(`${what} ${text ?? ''}`.trim());
    const items = contextItems({ ...nothing, ...facts }, labels, {
      replace: note('replace'),
      learn: note('learn'),
      openLink: note('open'),
      copyLink: note('copy'),
      copyImage: note('image'),
    });
    const choose = (label: string) =>
      items.find((item) => item.label === label)?.click?.({} as never, undefined, {} as never);
    return { items, done, choose, names: items.map(({ label, type }) => label ?? type) };
  };

  test('empty ground has none', () => {
    expect(menuOf({}).items).toEqual([]);
    expect(menuOf({ selectionText: '  \n' }).items).toEqual([]);
  });

  test('a field has what can be done in it now', () => {
    const { items, names } = menuOf({ isEditable: true });
    expect(names).toEqual([
      ...[labels.undo, labels.redo, 'separator'],
      ...[labels.cut, labels.copy, labels.paste, 'separator', labels.selectAll],
    ]);
    expect(items.find(({ role }) => role === 'paste')?.enabled).toBe(false);
    expect(items.find(({ role }) => role === 'undo')?.enabled).toBe(true);
  });

  test('a word that is not in the dictionary', () => {
    const { names, choose, done } = menuOf({
      isEditable: true,
      misspelledWord: 'magpei',
      dictionarySuggestions: ['magpie', 'R&D', 'c', 'd', 'e', 'f', 'g'],
    });
    expect(names.slice(0, 7)).toEqual(['magpie', 'R&&D', 'c', 'd', 'e', 'separator', labels.learnWord]);
    choose('magpie');
    choose('R&&D');
    choose(labels.learnWord);
    expect(done).toEqual(['replace magpie', 'replace R&D', 'learn magpei']);
    expect(menuOf({ isEditable: true, misspelledWord: 'xx' }).items[0]).toMatchObject({
      label: labels.noSuggestion,
      enabled: false,
    });
  });

  test('selected text, pictures, and links of the web alone', () => {
    expect(menuOf({ selectionText: 'words' }).names).toEqual([labels.copy]);
    const link = menuOf({ linkURL: 'https://example.org/a' });
    expect(link.names).toEqual([labels.openLink, labels.copyLink]);
    link.choose(labels.openLink);
    link.choose(labels.copyLink);
    expect(link.done).toEqual(['open https://example.org/a', 'copy https://example.org/a']);
    for (const linkURL of ['javascript:alert(1)', 'file:///etc/passwd', 'magpie-app://app/index.html#/chats'])
      expect(menuOf({ linkURL }).items, linkURL).toEqual([]);
    expect(menuOf({ mediaType: 'image', hasImageContents: true }).names).toEqual([labels.copyImage]);
    expect(menuOf({ mediaType: 'image' }).items).toEqual([]);
  });
});
