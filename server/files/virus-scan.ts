/** Asks a `clamd` about a file, by its `INSTREAM` command: the scanner need neither see our disk nor run as our user. */
import { createReadStream } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** Largest piece of a stream, bytes. */
const PIECE = 64 * 1024;
/** The scanner said nothing for so long, milliseconds. */
const PATIENCE = 120_000;

export type ScanResult =
  | { kind: 'clean' }
  | { kind: 'infected'; name: string }
  /** Larger than `StreamMaxLength` of the scanner: nobody knows what is in it. */
  | { kind: 'too-large' }
  | { kind: 'unavailable'; reason: string };

/** Looks into a local file; never throws. */
export type Scanner = (path: string) => Promise<ScanResult>;

/** @param address `/run/clamav/clamd.ctl` or `host:port` */
export function clamdScanner(address: string, patience = PATIENCE): Scanner {
  return async (path) => {
    let socket: Socket | undefined;
    try {
      socket = connect(placeOf(address));
      socket.setTimeout(patience, () => socket?.destroy(new Error('no answer in time')));
      return verdictOf(await ask(socket, path));
    } catch (error) {
      return { kind: 'unavailable', reason: error instanceof Error ? error.message : String(error) };
    } finally {
      socket?.destroy();
    }
  };
}

function placeOf(address: string): { path: string } | { host: string; port: number } {
  const match = /^(.+):(\d+)$/.exec(address);
  return match === null
    ? { path: address }
    : { host: (match[1] ?? '').replace(/^\[|\]$/g, ''), port: Number(match[2]) };
}

async function ask(socket: Socket, path: string): Promise<string> {
  let answer = '';
  socket.on('data', (data: Buffer) => (answer += data.toString('latin1')));
  const ended = once(socket, 'close');
  // Its reason is thrown by whoever waits for it below.
  ended.catch(() => undefined);
  await once(socket, 'connect');
  socket.write('zINSTREAM\0');
  for await (const piece of createReadStream(path, { highWaterMark: PIECE })) {
    // It answers and hangs up in the middle of a stream that is too long for it.
    if (answer !== '' || !socket.writable) break;
    const length = Buffer.alloc(4);
    length.writeUInt32BE((piece as Buffer).length);
    socket.write(length);
    if (!socket.write(piece as Buffer)) await Promise.race([once(socket, 'drain'), ended]);
  }
  if (socket.writable) socket.end(Buffer.alloc(4));
  // A connection that is cut behind the answer is as good as one that ends.
  await ended.catch((error: unknown) => {
    if (answer === '') throw error;
  });
  return answer;
}

function verdictOf(answer: string): ScanResult {
  const text = answer.replaceAll('\0', '').trim();
  const found = /^stream: (.+) FOUND$/.exec(text);
  if (found !== null) return { kind: 'infected', name: found[1] ?? '' };
  if (text === 'stream: OK') return { kind: 'clean' };
  if (/size limit exceeded/i.test(text)) return { kind: 'too-large' };
  return { kind: 'unavailable', reason: text === '' ? 'no answer' : text };
}
