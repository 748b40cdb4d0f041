import type { z } from 'zod';
import { MagpieError, toWireError } from '#protocol/errors';
import {
  invokes,
  type InvokeChannel,
  type InvokeMap,
  type InvokeOutcome,
  type InvokeResult,
} from '#protocol/ipc';
import type { Logger } from '../support/logger.ts';

/** Which of our windows asks. */
export interface Caller {
  windowId: number;
}

export interface CallState {
  locked: boolean;
  caller: Caller;
}

/** What main does for every call of the window; the input has passed its schema. */
export type Handlers = {
  [Channel in InvokeChannel]: (
    input: z.output<InvokeMap[Channel]['input']>,
    caller: Caller,
  ) => InvokeResult<Channel> | Promise<InvokeResult<Channel>>;
};

/** All that the window may ask for while the app is locked: whoever sits there sees and changes nothing. */
const WHILE_LOCKED: ReadonlySet<InvokeChannel> = new Set<InvokeChannel>([
  'app:get-snapshot',
  'app:drawn',
  'lock:unlock',
  'lock:forget',
  'session:ready-to-end',
  // The page that goes saves what was being typed and spoken.
  'conversations:save-draft',
  'media:save-tray',
  'media:stage',
  'media:keep-recording',
]);

/** Runs one call: schema, handler, errors as values. Never rejects. */
export async function dispatch(
  channel: InvokeChannel,
  rawInput: unknown,
  handlers: Handlers,
  logger: Logger,
  { locked, caller }: CallState = { locked: false, caller: { windowId: 0 } },
): Promise<InvokeOutcome<unknown>> {
  try {
    if (locked && !WHILE_LOCKED.has(channel)) throw new MagpieError('locked', channel);
    const parsed = invokes[channel].input.safeParse(rawInput);
    if (!parsed.success) {
      const field = parsed.error.issues[0]?.path.join('.') ?? '';
      throw new MagpieError('invalid-input', `input of ${channel}`, { field });
    }
    const handler = handlers[channel] as (input: unknown, caller: Caller) => unknown;
    return { ok: true, value: await handler(parsed.data, caller) };
  } catch (thrown) {
    const error = toWireError(thrown);
    if (error.code === 'internal') logger.error('call-failed', thrown, { channel });
    else logger.info('call-refused', { channel, code: error.code });
    return { ok: false, error };
  }
}
