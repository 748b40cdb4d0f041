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

/** What main does for every call of the window; the input has passed its schema. */
export type Handlers = {
  [Channel in InvokeChannel]: (
    input: z.output<InvokeMap[Channel]['input']>,
  ) => InvokeResult<Channel> | Promise<InvokeResult<Channel>>;
};

/** Runs one call: schema, handler, errors as values. Never rejects. */
export async function dispatch(
  channel: InvokeChannel,
  rawInput: unknown,
  handlers: Handlers,
  logger: Logger,
): Promise<InvokeOutcome<unknown>> {
  try {
    const parsed = invokes[channel].input.safeParse(rawInput);
    if (!parsed.success) {
      const field = parsed.error.issues[0]?.path.join('.') ?? '';
      throw new MagpieError('invalid-input', `input of ${channel}`, { field });
    }
    const handler = handlers[channel] as (input: unknown) => unknown;
    return { ok: true, value: await handler(parsed.data) };
  } catch (thrown) {
    const error = toWireError(thrown);
    if (error.code === 'internal') logger.error('call-failed', thrown, { channel });
    else logger.info('call-refused', { channel, code: error.code });
    return { ok: false, error };
  }
}
