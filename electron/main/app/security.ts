import { app, session, systemPreferences, type Session } from 'electron';
import type { Logger } from '../support/logger.ts';
import { windowToShow } from './screen-capture.ts';

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

/**
 * Our own page may listen to the microphone and look through the camera, each asked for by itself, which it does only while
 * a person records or takes a photo, and at a window that the person chose just now; everything else, and every other page, is
 * refused. macOS asks the person itself.
 */
export function limitPermissions(
  isOwnPage: (url: string) => boolean,
  target: Session = session.defaultSession,
): void {
  target.setPermissionRequestHandler((_contents, permission, answer, details) => {
    const kinds = 'mediaTypes' in details ? (details.mediaTypes ?? []) : [];
    // A window is asked for as a device of no kind.
    if (permission === 'display-capture' || (permission === 'media' && kinds.length === 0)) {
      answer(windowToShow.isNamed() && isOwnPage(details.requestingUrl));
      return;
    }
    const device = permission === 'media' && kinds.length === 1 ? kinds[0] : undefined;
    if (device === undefined || !isOwnPage(details.requestingUrl)) answer(false);
    else if (process.platform !== 'darwin') answer(true);
    else {
      const name = device === 'audio' ? 'microphone' : 'camera';
      void systemPreferences.askForMediaAccess(name).then(answer, () => answer(false));
    }
  });
  target.setPermissionCheckHandler(
    (_contents, permission, origin, details) =>
      permission === 'media' &&
      (details.mediaType === 'audio' || details.mediaType === 'video') &&
      isOwnPage(details.requestingUrl ?? origin),
  );
  target.setDisplayMediaRequestHandler(({ frame, audioRequested }, answer) => {
    const id = windowToShow.take();
    if (id === null || audioRequested || frame === null || !isOwnPage(frame.url)) answer({});
    else answer({ video: { id, name: '' } });
  });
  target.setDevicePermissionHandler(() => false);
}

/** Without these a failure in main shows a modal box of Electron's, which stops everything behind it. */
export function logUnhandled(logger: Logger): void {
  const log = logger.module('process');
  process.on('uncaughtException', (thrown) => log.error('uncaught-exception', thrown));
  process.on('unhandledRejection', (thrown) => log.error('unhandled-rejection', thrown));
}
