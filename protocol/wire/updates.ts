/** Newer versions of the app, as a server hands them out below `/updates/`. */

/** Key in the capabilities answer; there only while the server has a release to hand out. */
export const UPDATES_EXTENSION = 'updates';

/** What electron-builder and electron-updater call a generic feed lies below. */
export const UPDATES_PATH = '/updates/';
