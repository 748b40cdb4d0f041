import type { MenuItemConstructorOptions } from 'electron';
import { EXPORT_FORMATS } from '#protocol/model/completeness';
import type { AppCommand, OpenChat } from '#protocol/ipc';
import type { MenuLabels } from './menu-labels.ts';

export interface MenuState {
  platform: NodeJS.Platform;
  development: boolean;
  alwaysOnTop: boolean;
  /** A passphrase is set, so there is something to lock with. */
  canLock: boolean;
  /** Somebody is signed in and the app is not locked: there is something to show. */
  inside: boolean;
  locked: boolean;
  /** The chat that is open in the window that the menu belongs to. */
  chat: OpenChat | null;
}

export interface MenuActions {
  command(command: AppCommand): void;
  /** One step larger or smaller; 0 for the actual size. */
  zoom(step: 1 | -1 | 0): void;
  toggleAlwaysOnTop(): void;
  lock(): void;
  quit(): void;
}

/**
 * The menu bar: every command with its key. Keys that the page answers itself are only shown here, or they would be
 * heard twice. On macOS the roles are also what makes the usual keys for editing work.
 */
export function menuTemplate(
  state: MenuState,
  labels: MenuLabels,
  actions: MenuActions,
): MenuItemConstructorOptions[] {
  const isMac = state.platform === 'darwin';
  const separator = { type: 'separator' } as const;
  const page = (label: string, command: AppCommand, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    enabled: state.inside,
    ...(accelerator === undefined ? {} : { accelerator }),
    click: () => actions.command(command),
  });
  /** Of use above all to somebody who cannot sign in. */
  const help = (label: string, command: AppCommand): MenuItemConstructorOptions => ({
    ...page(label, command),
    enabled: !state.locked,
  });
  /** Something about the open chat. */
  const ofChat = (item: MenuItemConstructorOptions): MenuItemConstructorOptions => ({
    ...item,
    enabled: state.inside && state.chat !== null,
  });
  const checkOfChat = (label: string, command: AppCommand, checked: boolean) =>
    ofChat({ ...page(label, command), type: 'checkbox', checked });
  const heardInPage = (label: string, command: AppCommand, accelerator: string) => ({
    ...page(label, command, accelerator),
    registerAccelerator: false,
  });
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: labels.file,
      submenu: [
        page(labels.newGroup, { kind: 'create-group' }, 'CommandOrControl+N'),
        page(labels.addContact, { kind: 'add-contact' }, 'CommandOrControl+Shift+N'),
        page(labels.scanCode, { kind: 'scan-code' }),
        separator,
        page(labels.settings, { kind: 'open-settings' }, 'CommandOrControl+,'),
        {
          label: labels.lock,
          accelerator: 'CommandOrControl+Shift+L',
          enabled: state.canLock,
          click: actions.lock,
        },
        separator,
        { role: 'close', label: labels.close },
        ...(isMac ? [] : [{ label: labels.quit, accelerator: 'Control+Q', click: actions.quit }]),
      ],
    },
    {
      label: labels.edit,
      submenu: [
        { role: 'undo', label: labels.undo },
        { role: 'redo', label: labels.redo },
        separator,
        { role: 'cut', label: labels.cut },
        { role: 'copy', label: labels.copy },
        { role: 'paste', label: labels.paste },
        { role: 'selectAll', label: labels.selectAll },
      ],
    },
    {
      label: labels.view,
      submenu: [
        { label: labels.zoomIn, accelerator: 'CommandOrControl+Plus', click: () => actions.zoom(1) },
        // The same key without Shift, where plus and equals share one.
        {
          label: labels.zoomIn,
          accelerator: 'CommandOrControl+=',
          visible: false,
          acceleratorWorksWhenHidden: true,
          click: () => actions.zoom(1),
        },
        { label: labels.zoomOut, accelerator: 'CommandOrControl+-', click: () => actions.zoom(-1) },
        { label: labels.resetZoom, accelerator: 'CommandOrControl+0', click: () => actions.zoom(0) },
        separator,
        { role: 'togglefullscreen', label: labels.fullScreen },
        ...(state.development
          ? [
              { role: 'reload', label: labels.reload } as const,
              { role: 'toggleDevTools', label: labels.developer } as const,
            ]
          : []),
      ],
    },
    {
      label: labels.chat,
      submenu: [
        page(labels.chats, { kind: 'open-chats' }, 'CommandOrControl+1'),
        page(labels.contacts, { kind: 'open-contacts' }, 'CommandOrControl+2'),
        page(labels.groups, { kind: 'open-groups' }, 'CommandOrControl+3'),
        separator,
        heardInPage(labels.findConversation, { kind: 'find-conversation' }, 'CommandOrControl+K'),
        heardInPage(labels.previousConversation, { kind: 'previous-conversation' }, 'Alt+Up'),
        heardInPage(labels.nextConversation, { kind: 'next-conversation' }, 'Alt+Down'),
        separator,
        ofChat(heardInPage(labels.searchInChat, { kind: 'search-in-chat' }, 'CommandOrControl+F')),
        ofChat(heardInPage(labels.details, { kind: 'toggle-details' }, 'CommandOrControl+I')),
        ofChat(heardInPage(labels.ownWindow, { kind: 'own-window' }, 'CommandOrControl+Shift+O')),
        separator,
        checkOfChat(labels.pin, { kind: 'toggle-pinned' }, state.chat?.pinned === true),
        checkOfChat(labels.mute, { kind: 'toggle-muted' }, state.chat?.muted === true),
        {
          ...ofChat(
            page(state.chat?.unread === true ? labels.markRead : labels.markUnread, {
              kind: 'toggle-unread',
            }),
          ),
          // As in the list: what the app itself says is never set to unread.
          ...(state.chat?.kind === 'service' && !state.chat.unread ? { enabled: false } : {}),
        },
        {
          ...ofChat({ label: labels.exportChat }),
          submenu: EXPORT_FORMATS.map((format) =>
            ofChat(page(labels.exportAs[format], { kind: 'export-chat', format })),
          ),
        },
      ],
    },
    {
      label: labels.window,
      submenu: [
        { role: 'minimize', label: labels.minimize },
        {
          label: labels.alwaysOnTop,
          type: 'checkbox',
          accelerator: 'CommandOrControl+Shift+T',
          checked: state.alwaysOnTop,
          click: actions.toggleAlwaysOnTop,
        },
      ],
    },
    {
      label: labels.help,
      submenu: [
        heardInPage(labels.shortcuts, { kind: 'show-shortcuts' }, 'CommandOrControl+/'),
        page(labels.checkUpdates, { kind: 'check-updates' }),
        separator,
        help(labels.doctor, { kind: 'open-doctor' }),
        help(labels.diagnostics, { kind: 'open-diagnostics' }),
      ],
    },
  ];
}
