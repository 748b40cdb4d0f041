/** A line between clients and server that breaks as lines do. On the loopback address only. */
import net from 'node:net';
import { createRequestReader } from './http-requests.ts';

const HOST = '127.0.0.1';

/** What becomes of one connection; nothing at all when it is empty. */
export interface LineFate {
  /** Bytes of the client after which everything is torn down; those before are delivered. */
  cutUpAfter?: number;
  /** The same for bytes of the server. */
  cutDownAfter?: number;
  /** Milliseconds that every piece takes longer. */
  delay?: number;
  /** After so many bytes in either direction nothing passes any more, though both ends seem connected. */
  stallAfter?: number;
  /** Milliseconds until a stalled line is torn down. */
  stallFor?: number;
  /** After so many bytes of the client nothing more of them gets through until the server has lost its patience and said so. */
  pauseUpAfter?: number;
  /** Milliseconds after which the server gets each request of this connection a second time. */
  repeatAfter?: number;
}

export type LineFault =
  'cut up' | 'cut down' | 'delay' | 'stall' | 'pause' | 'repeat' | 'cut all' | 'answer lost';

export interface FaultProxyOptions {
  /** Port of the server behind. */
  target: () => number;
  /** Asked for every new connection, with what has happened so far. */
  fate?: (faults: Readonly<Record<LineFault, number>>) => LineFate;
  /** Whether the answer to this request (its head) is lost; the server gets the whole request. */
  losesAnswer?: (head: string) => boolean;
  /** Whether its line stands still once the server has this request (its head): no answer comes, and no end. */
  holds?: (head: string) => boolean;
  /** Bytes of all clients together after which the line that brought the last of them stands still, once. */
  stallAt?: number;
  /** Hears of each request that came whole (its head). */
  onRequest?: (head: string) => void;
}

export interface FaultProxy {
  readonly origin: string;
  readonly faults: Readonly<Record<LineFault, number>>;
  /** What all clients have sent to the server, bytes. */
  readonly sentUp: number;
  /** Tears down every connection. */
  cutAll(): void;
  /** From now on nothing breaks; what is broken already is torn down. */
  heal(): void;
  close(): Promise<void>;
}

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const faults: Record<LineFault, number> = {
    'cut up': 0,
    'cut down': 0,
    delay: 0,
    stall: 0,
    pause: 0,
    repeat: 0,
    'cut all': 0,
    'answer lost': 0,
  };
  const lines = new Set<() => void>();
  let healed = false;
  let sentUp = 0;

  const repeat = (request: Buffer, after: number) => {
    setTimeout(() => {
      if (healed) return;
      faults.repeat += 1;
      const again = net.connect(options.target(), HOST, () => again.write(request));
      again.on('error', () => again.destroy()).on('data', () => again.end());
    }, after).unref();
  };

  const server = net.createServer((down) => {
    const fate = healed ? {} : (options.fate?.(faults) ?? {});
    const up = net.connect(options.target(), HOST);
    let ended = false;
    let stalled = false;
    let paused = false;
    let isLost = false;
    let passed = 0;
    const end = () => {
      if (ended) return;
      ended = true;
      lines.delete(end);
      down.destroy();
      up.destroy();
    };
    lines.add(end);
    if (fate.delay !== undefined) faults.delay += 1;

    const stall = () => {
      stalled = true;
      faults.stall += 1;
      down.pause();
      up.pause();
      setTimeout(end, fate.stallFor ?? 5_000).unref();
    };
    const pause = () => {
      paused = true;
      faults.pause += 1;
      down.pause();
      up.once('data', () => down.resume());
    };
    const carry = (from: net.Socket, to: net.Socket, cutAfter: number | undefined, fault: LineFault) => {
      let sent = 0;
      from.on('data', (chunk) => {
        if (stalled || ended) return;
        // The server has given this request up.
        if (paused && from === down) return;
        passed += chunk.length;
        sent += chunk.length;
        const isCut = cutAfter !== undefined && sent >= cutAfter;
        const piece = isCut ? chunk.subarray(0, chunk.length - (sent - cutAfter)) : chunk;
        const deliver = () => {
          if (stalled || ended) return;
          if (from === down) sentUp += piece.length;
          if (!isCut) to.write(piece);
          else if (piece.length === 0) end();
          else to.write(piece, end);
        };
        if (isCut) faults[fault] += 1;
        if (fate.delay === undefined) deliver();
        else setTimeout(deliver, fate.delay);
        if (fate.stallAfter !== undefined && passed >= fate.stallAfter) stall();
        if (faults.stall === 0 && sentUp >= (options.stallAt ?? Infinity)) stall();
        if (fate.pauseUpAfter !== undefined && from === down && sent >= fate.pauseUpAfter) pause();
      });
    };
    for (const side of [down, up]) {
      side.setNoDelay(true);
      side.on('error', end).on('close', () => {
        // What the server said before is to be read by a client that still writes.
        if (stalled || (paused && side === up)) return;
        setTimeout(end, fate.delay ?? 0);
      });
    }

    const read = createRequestReader((request, head) => {
      options.onRequest?.(head);
      if (fate.repeatAfter !== undefined && !healed) repeat(request, fate.repeatAfter);
      isLost ||= !healed && options.losesAnswer?.(head) === true;
      if (!healed && !stalled && options.holds?.(head) === true) stall();
    });
    down.on('data', (chunk) => {
      if (!stalled) read(chunk);
    });
    up.on('data', () => {
      if (!isLost || ended) return;
      faults['answer lost'] += 1;
      end();
    });
    carry(down, up, fate.cutUpAfter, 'cut up');
    carry(up, down, fate.cutDownAfter, 'cut down');
  });

  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const endAll = () => {
    for (const end of [...lines]) end();
  };
  return {
    origin: `http://${HOST}:${(server.address() as net.AddressInfo).port}`,
    faults,
    get sentUp() {
      return sentUp;
    },
    cutAll() {
      faults['cut all'] += 1;
      endAll();
    },
    heal() {
      healed = true;
      endAll();
    },
    close() {
      endAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
