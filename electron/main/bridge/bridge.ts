/** The only place that touches ipcMain: who calls, with what, and what comes back. */
import { ipcMain, type BrowserWindow, type IpcMainInvokeEvent } from 'electron';
import { toWireError, MagpieError } from '#protocol/errors';
import { invokes, isOfAccount, type EventChannel, type Events, type InvokeChannel } from '#protocol/ipc';
import { systemClock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { createChangesBatcher } from './changes-batcher.ts';
import { dispatch, type Handlers } from './dispatch.ts';
import { presentChanges } from './present.ts';

/** Events that the lock screen needs or that say nothing of what is locked away. */
const WHILE_LOCKED: ReadonlySet<EventChannel> = new Set<EventChannel>([
  'lock:changed',
  'session:ending',
  'settings:changed',
  'sound:requested',
]);

/** Events that one window answers to; the others mirror what is, and every window has to know it. */
const TO_MAIN_WINDOW: ReadonlySet<EventChannel> = new Set<EventChannel>(['app:commanded', 'sound:requested']);

export interface BridgeOptions {
  handlers: Handlers;
  logger: Logger;
  /** Our windows, the main one first while there is one. */
  windows(): readonly BrowserWindow[];
  /** Whether a page address is our own page. */
  isOwnPage(url: string): boolean;
  /** Key of the account on screen; null for nobody. */
  accountKey(): string | null;
  /** While the app is locked nothing that somebody wrote goes to a window. */
  locked(): boolean;
  /** A page of ours spoke: it is alive. */
  onCall(window: BrowserWindow): void;
}

export interface Bridge {
  emit<Channel extends EventChannel>(channel: Channel, payload: Events[Channel]): void;
  /** Tells one window, not the main one. */
  tell<Channel extends EventChannel>(window: BrowserWindow, channel: Channel, payload: Events[Channel]): void;
  stop(): void;
}

export function openBridge(options: BridgeOptions): Bridge {
  const log = options.logger.module('bridge');

  /** Which of our windows calls; null for anybody else. */
  const callerOf = (event: IpcMainInvokeEvent): BrowserWindow | null => {
    const frame = event.senderFrame;
    const window = options
      .windows()
      .find(
        (one) =>
          !one.isDestroyed() && one.webContents === event.sender && one.webContents.mainFrame === frame,
      );
    return window !== undefined && frame !== null && options.isOwnPage(frame.url) ? window : null;
  };

  let stopped = false;
  const channels = Object.keys(invokes) as InvokeChannel[];
  for (const channel of channels) {
    ipcMain.handle(channel, (event, input: unknown, account: unknown) => {
      // The page lives a little longer than the parts behind it: its last calls get an answer, not an exception.
      if (stopped)
        return { ok: false, error: toWireError(new MagpieError('cancelled', 'the app is quitting')) };
      const caller = callerOf(event);
      if (caller === null) {
        log.warn('foreign-sender', { channel });
        return { ok: false, error: toWireError(new MagpieError('not-allowed', 'unknown sender')) };
      }
      options.onCall(caller);
      if (account !== undefined && isOfAccount(channel) && account !== options.accountKey())
        return { ok: false, error: toWireError(new MagpieError('cancelled', 'another account is shown')) };
      return dispatch(channel, input, options.handlers, log, {
        locked: options.locked(),
        caller: { windowId: caller.id },
      });
    });
  }

  const send = (channel: EventChannel, payload: unknown) => {
    if (options.locked() && !WHILE_LOCKED.has(channel)) return;
    const windows = options.windows().filter((one) => !one.isDestroyed());
    for (const window of TO_MAIN_WINDOW.has(channel) ? windows.slice(0, 1) : windows)
      window.webContents.send(channel, payload);
  };
  const batcher = createChangesBatcher(systemClock, (changes) =>
    send('history:changed', presentChanges(changes)),
  );

  return {
    emit(channel, payload) {
      if (channel === 'history:changed') batcher.add(payload as Events['history:changed']);
      else {
        // Messages of one account must not reach the window behind the news that another one is on screen.
        if (channel === 'session:changed') batcher.flush();
        send(channel, payload);
      }
    },
    tell(window, channel, payload) {
      if (!options.locked() && !window.isDestroyed()) window.webContents.send(channel, payload);
    },
    stop() {
      stopped = true;
      batcher.stop();
    },
  };
}
