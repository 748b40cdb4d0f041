import type { MenuItemConstructorOptions } from 'electron';
import type { Conversation, ConversationId } from '#protocol/model/conversation';
import type { DesktopTexts } from './texts.ts';

const NAME_LIMIT = 40;

export interface TrayMenuState {
  /** In words: online, offline and why, locked. */
  status: string;
  signedIn: boolean;
  locked: boolean;
  /** May the names of conversations be read by anybody who opens the menu? */
  showNames: boolean;
  newest: readonly Conversation[];
  /** Until when notifications are paused, as the person reads a time; null while they are not. */
  pausedUntil: string | null;
}

export interface TrayMenuActions {
  open(): void;
  openConversation(id: ConversationId): void;
  pauseForAnHour(): void;
  pauseUntilTomorrow(): void;
  resume(): void;
  openSettings(): void;
  quit(): void;
}

/** The menu of the tray icon. */
export function trayMenu(
  state: TrayMenuState,
  texts: DesktopTexts,
  actions: TrayMenuActions,
): MenuItemConstructorOptions[] {
  const separator = { type: 'separator' } as const;
  const chats = state.signedIn && !state.locked && state.showNames ? state.newest : [];
  return [
    { label: texts.openApp, click: actions.open },
    { label: state.status, enabled: false },
    ...(chats.length === 0 ? [] : [separator]),
    ...chats.map(({ id, name, unread }) => ({
      id,
      label: `${plainLabel(name)} (${unread})`,
      click: () => actions.openConversation(id),
    })),
    separator,
    ...(state.pausedUntil === null
      ? [
          {
            label: texts.pause,
            submenu: [
              { label: texts.pauseHour, click: actions.pauseForAnHour },
              { label: texts.pauseTomorrow, click: actions.pauseUntilTomorrow },
            ],
          },
        ]
      : [
          { label: texts.pausedUntil(state.pausedUntil), enabled: false },
          { label: texts.resume, click: actions.resume },
        ]),
    ...(state.signedIn && !state.locked ? [{ label: texts.settings, click: actions.openSettings }] : []),
    separator,
    { label: texts.quit, click: actions.quit },
  ];
}

/** In a menu's label `&` marks the key to press. */
function plainLabel(name: string): string {
  const characters = [...name];
  const short = characters.length > NAME_LIMIT ? `${characters.slice(0, NAME_LIMIT).join('')}…` : name;
  return short.replace(/&/gu, '&&');
}
