/**
 * What Windows knows the app by (AppUserModelID). The installer writes it into the shortcut in the start menu; toasts, their
 * clicks and the entry in the taskbar belong to an app only if the process says the same.
 */
export const APP_ID = 'org.magpie.messenger';
