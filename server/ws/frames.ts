/** Frames of section 7. */
import { SERVER_TEXTS } from '#protocol/wire/envelope';
import { clientFrame } from '#protocol/wire/sync';
import type { ExtensionFrame } from '#protocol/wire/sync';
import type { z } from 'zod';

export const PING_FRAME = JSON.stringify({ type: 'ping' });
export const FORCE_LOGOUT_FRAME = JSON.stringify({
  msg: 'force_logout',
  data: SERVER_TEXTS.signedInElsewhere,
});

export function pongFrame(now: number): string {
  return JSON.stringify({ type: 'pong', timestamp: now });
}

export function welcomeFrame(now: number): string {
  return JSON.stringify({ type: 'system', data: SERVER_TEXTS.welcome, timestamp: now });
}

export function refusalFrame(text: string): string {
  return JSON.stringify({ msg: 'fail', data: text });
}

/** @param payload message object as JSON text; it is not parsed again for every recipient. */
export function messageFrame(payload: string, now: number): string {
  return `{"type":"singleChat","data":${payload},"timestamp":${now}}`;
}

/** Frame of our extensions, for our clients only. */
export function extensionFrame(frame: ExtensionFrame): string {
  return JSON.stringify(frame);
}

/** Frame of our extensions from a client; null for anything else. */
export function readClientFrame(data: Buffer): z.infer<typeof clientFrame> | null {
  try {
    return clientFrame.safeParse(JSON.parse(data.toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}

/** What a plain client may send is a ping; everything else is ignored. `token` is set when the ping carries one. */
export function readPing(data: Buffer): { token: string | undefined } | null {
  const text = data.toString('utf8');
  if (text === 'ping') return { token: undefined };
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof frame !== 'object' || frame === null || !('type' in frame) || frame.type !== 'ping') return null;
  const token = 'token' in frame ? frame.token : undefined;
  if (token === undefined || token === null || token === '') return { token: undefined };
  return { token: typeof token === 'string' ? token : 'not-a-token' };
}
