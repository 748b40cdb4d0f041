import { app, session, type Session } from 'electron';
import type { Logger } from '../support/logger.ts';

/** Rules for every page that could ever exist in this app: it stays where it is, opens nothing and may nothing. */
export function guardAllContents(isOwnPage: (url: string) => boolean, logger: Logger): void {
  const log = logger.module('security');
  app.on('web-contents-created', (_event, contents) => {
    const refuse = (event: { preventDefault(): void }, url: string) => {
      if (isOwnPage(url)) return;
      event.preventDefault();
      log.warn('navigation-refused');
    };
    contents.on('will-navigate', (event) => refuse(event, event.url));
    contents.on('will-redirect', (event) => refuse(event, event.url));
    contents.on('will-frame-navigate', (event) => refuse(event, event.url));
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

export function denyPermissions(target: Session = session.defaultSession): void {
  target.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  target.setPermissionCheckHandler(() => false);
  target.setDevicePermissionHandler(() => false);
}

/** Without these a failure in main shows a modal box of Electron's, which stops everything behind it. */
export function logUnhandled(logger: Logger): void {
  const log = logger.module('process');
  process.on('uncaughtException', (thrown) => log.error('uncaught-exception', thrown));
  process.on('unhandledRejection', (thrown) => log.error('unhandled-rejection', thrown));
}
