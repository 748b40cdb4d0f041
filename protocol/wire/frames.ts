/** Frames of the socket, server → client. Anything else is logged, counted and dropped by the client. */
import { z } from 'zod';
import { wireMessage } from './message.ts';

const typedFrame = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('ping') }),
  z.looseObject({ type: z.literal('pong') }),
  z.looseObject({ type: z.literal('system'), data: z.unknown() }),
  z.looseObject({ type: z.literal('singleChat'), data: wireMessage }),
]);

/** The two frames without a `type`: refusal (S4) and forced logout (S5). */
const untypedFrame = z.discriminatedUnion('msg', [
  z.looseObject({ msg: z.literal('fail'), data: z.string() }),
  z.looseObject({ msg: z.literal('force_logout'), data: z.string() }),
]);

export const serverFrame = z.union([typedFrame, untypedFrame]);
export type ServerFrame = z.infer<typeof serverFrame>;

/**
 * Close code of our server for the socket that gives way to another sign-in. Plain servers close without a code
 * (1005) and say `force_logout` at most.
 */
export const CLOSE_SIGNED_IN_ELSEWHERE = 4001;
/**
 * Close code of our server for a socket whose session has opened another one. It may be the younger of the two: the older
 * may have been long on its way. So it says nothing about the session, and the client connects again.
 */
export const CLOSE_REPLACED = 4002;

/** Longest frame, in bytes, that our client reads; our server accepts no message that would make a longer one. */
export const LARGEST_SERVER_FRAME = 4 * 1024 * 1024;
