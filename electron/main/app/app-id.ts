/**
 * What Windows knows the app by (AppUserModelID). The installer writes it into the shortcut in the start menu; toasts, their
 * clicks and the entry in the taskbar belong to an app only if the process says the same.
 */
export const APP_ID = 'org.magpie.messenger';

/** Whom Windows calls when a toast is clicked that an earlier run has left; always the same, or it would find nobody. */
export const TOAST_ACTIVATOR = '{6E7DC4CA-DCD9-43B7-9118-5BAD79DE064F}';
