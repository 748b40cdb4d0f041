import type { MenuItemConstructorOptions } from 'electron';
import type { AppCommand } from '#protocol/ipc';
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
        heardInPage(labels.details, { kind: 'toggle-details' }, 'CommandOrControl+I'),
        heardInPage(labels.ownWindow, { kind: 'own-window' }, 'CommandOrControl+Shift+O'),
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
        separator,
        help(labels.doctor, { kind: 'open-doctor' }),
        help(labels.diagnostics, { kind: 'open-diagnostics' }),
      ],
    },
  ];
}
