/** The only place that touches ipcMain: who calls, with what, and what comes back. */
import { ipcMain, type BrowserWindow, type IpcMainInvokeEvent } from 'electron';
import { toWireError, MagpieError } from '#protocol/errors';
import { invokes, type EventChannel, type Events, type InvokeChannel } from '#protocol/ipc';
import { systemClock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { createChangesBatcher } from './changes-batcher.ts';
import { dispatch, type Handlers } from './dispatch.ts';
import { presentChanges } from './present.ts';

export interface BridgeOptions {
  handlers: Handlers;
  logger: Logger;
  /** Our window while there is one. */
  window(): BrowserWindow | null;
  /** Whether a page address is our own page. */
  isOwnPage(url: string): boolean;
}

export interface Bridge {
  emit<Channel extends EventChannel>(channel: Channel, payload: Events[Channel]): void;
  stop(): void;
}

export function openBridge(options: BridgeOptions): Bridge {
  const log = options.logger.module('bridge');

  const isOurs = (event: IpcMainInvokeEvent): boolean => {
    const contents = options.window()?.webContents;
    const frame = event.senderFrame;
    return (
      contents !== undefined &&
      event.sender === contents &&
      frame !== null &&
      frame === contents.mainFrame &&
      options.isOwnPage(frame.url)
    );
  };

  let stopped = false;
  const channels = Object.keys(invokes) as InvokeChannel[];
  for (const channel of channels) {
    ipcMain.handle(channel, (event, input: unknown) => {
      // The page lives a little longer than the parts behind it: its last calls get an answer, not an exception.
      if (stopped)
        return { ok: false, error: toWireError(new MagpieError('cancelled', 'the app is quitting')) };
      if (isOurs(event)) return dispatch(channel, input, options.handlers, log);
      log.warn('foreign-sender', { channel });
      return { ok: false, error: toWireError(new MagpieError('not-allowed', 'unknown sender')) };
    });
  }

  const send = (channel: EventChannel, payload: unknown) => {
    const window = options.window();
    if (window !== null && !window.isDestroyed()) window.webContents.send(channel, payload);
  };
  const batcher = createChangesBatcher(systemClock, (changes) =>
    send('history:changed', presentChanges(changes)),
  );

  return {
    emit(channel, payload) {
      if (channel === 'history:changed') batcher.add(payload as Events['history:changed']);
      else {
        // Rows of one account must not reach the window behind the news that another one is signed in.
        if (channel === 'session:changed') batcher.flush();
        send(channel, payload);
      }
    },
    stop() {
      stopped = true;
      batcher.stop();
    },
  };
}
