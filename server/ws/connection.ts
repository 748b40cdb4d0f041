/**
 * One signed-in socket: pushes the queue of its account in order, learns what arrived, notices when the other end is
 * gone. Knows nothing about other sockets.
 */
import type { WebSocket } from 'ws';
import { CLOSE_REPLACED, CLOSE_SIGNED_IN_ELSEWHERE } from '#protocol/wire/frames';
import type { Logger } from '../domain/context.ts';
import type { Delivery } from '../domain/delivery.ts';
import type { Caller, Sessions } from '../domain/sessions.ts';
import {
  FORCE_LOGOUT_FRAME,
  PING_FRAME,
  messageFrame,
  pongFrame,
  refusalFrame,
  readClientFrame,
  readPing,
} from './frames.ts';

/** Queued messages read at once. */
const BATCH = 50;
/** Milliseconds between looks at a full send buffer. */
const BUFFER_CHECK = 50;
/** Milliseconds a socket that gave way gets to finish its closing handshake. */
const CLOSING_TIME = 5000;
/** Milliseconds a socket of an ended session may stay open; its client is about to close it by itself. */
const LINGER_TIME = 10_000;
/** Frames a client may send per second on average, and at once. Heartbeats need one in 25 s. */
const FRAMES_PER_SECOND = 20;
const FRAME_BURST = 200;

export interface ConnectionOptions {
  socket: WebSocket;
  caller: Caller;
  /** Of the client, for administrators. */
  address: string;
  /** The client announced itself as ours: it understands our close codes and frames. */
  extended: boolean;
  pingMilliseconds: number;
  deadMilliseconds: number;
  stalledMilliseconds: number;
  /** Bytes waiting to be sent above which the queue pauses. */
  bufferBytes: number;
  delivery: Delivery;
  sessions: Sessions;
  now: () => number;
  log: Logger;
  /** What our clients may say beyond heartbeats. */
  onTyping: (chat: { chatType: 'single' | 'group'; id: number }) => void;
  onWatch: (ids: readonly number[]) => void;
}

/** Connections made by this process. */
let made = 0;

export class Connection {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly accountId: number;
  readonly tokenHash: string;
  readonly #options: ConnectionOptions;
  readonly #socket: WebSocket;
  readonly #heartbeat: NodeJS.Timeout;
  /** Highest ordinal written to this socket; everything up to it that is still queued was written here. */
  #position = 0;
  /** Nothing older than the next event can be waiting: events may be written without asking the database. */
  #upToDate = false;
  #draining = false;
  /** Deliveries taken back while the queue is being written; what was read of it may still hold them. */
  readonly #withdrawn = new Set<number>();
  #moreWaiting = false;
  /** No delivery any more: another socket or session took over, or the socket is closed. */
  #retired = false;
  #receiptAsked = false;
  #receiptWanted = false;
  #lastHeard = performance.now();
  #frameAllowance = FRAME_BURST;
  #frameTime = performance.now();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket;
    this.id = ++made;
    this.since = options.now();
    this.accountId = options.caller.account.id;
    this.tokenHash = options.caller.tokenHash;
    this.#socket.on('message', (data: Buffer) => this.#hear(data));
    this.#socket.on('pong', (data: Buffer) => this.#receive(data));
    this.#socket.on('ping', () => this.#heard());
    this.#socket.on('close', () => this.#retire());
    this.#heartbeat = setInterval(() => this.#beat(), options.pingMilliseconds);
  }

  get retired(): boolean {
    return this.#retired;
  }

  get address(): string {
    return this.#options.address;
  }

  get deviceKind(): string {
    return this.#options.caller.deviceKind;
  }

  send(frame: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(frame);
  }

  /** Sends a frame of our extensions; a plain client or one that reads too slowly goes without: they are hints. */
  tell(frame: string): void {
    if (this.#retired || !this.#options.extended) return;
    if (this.#socket.bufferedAmount < this.#options.bufferBytes) this.send(frame);
  }

  /** A message that is in no queue; plain clients get theirs from the queue. */
  show(frame: string): void {
    if (this.#options.extended) this.tell(frame);
    else if (!this.#options.caller.plain && !this.#retired) this.send(frame);
  }

  /** A queued message was recalled. */
  withdraw(ordinal: number): void {
    if (this.#draining) this.#withdrawn.add(ordinal);
  }

  /** A delivery was committed. */
  push(ordinal: number, payload: string): void {
    if (this.#retired || ordinal <= this.#position) return;
    if (this.#upToDate && !this.#draining && this.#socket.bufferedAmount < this.#options.bufferBytes) {
      this.#write(ordinal, payload);
    } else this.replay();
  }

  /** Writes all that is queued and was not written to this socket yet, in order. */
  replay(): void {
    if (this.#retired) return;
    this.#moreWaiting = true;
    if (!this.#draining) void this.#drain();
  }

  /** Another socket of the session takes over. Plain clients are told what the original tells them (quirk Q8). */
  makeRoom(): void {
    if (!this.#options.extended) return this.giveWay();
    if (this.#retired) return;
    this.#retire();
    this.#socket.close(CLOSE_REPLACED);
    this.#terminateAfter(CLOSING_TIME);
  }

  /** Another sign-in takes over: says so, then closes. */
  giveWay(): void {
    if (this.#retired) return;
    this.#retire();
    this.send(FORCE_LOGOUT_FRAME);
    if (this.#options.extended) this.#socket.close(CLOSE_SIGNED_IN_ELSEWHERE);
    else this.#socket.close();
    this.#terminateAfter(CLOSING_TIME);
  }

  /** The account may not be here any more: says why (S4), then closes. */
  refuse(text: string): void {
    if (this.#retired) return;
    this.#retire();
    this.send(refusalFrame(text));
    this.#socket.close();
    this.#terminateAfter(CLOSING_TIME);
  }

  /** The session ended by the client's own doing: no more messages, and no word that would look like a kick. */
  linger(): void {
    this.#retire();
    this.#terminateAfter(LINGER_TIME);
  }

  /**
   * The server stops. Only our clients get a close code: the reference client takes any code but 1006 for a kick and
   * would sign the person out.
   */
  goAway(): void {
    this.#retire();
    if (this.#options.extended) {
      this.#socket.close(1001);
      this.#terminateAfter(1000);
    } else this.#socket.terminate();
  }

  terminate(): void {
    this.#retire();
    this.#socket.terminate();
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    this.#upToDate = false;
    try {
      while (this.#moreWaiting && !this.#retired) {
        this.#moreWaiting = false;
        const batch = await this.#options.delivery.pending(this.accountId, this.#position, BATCH);
        for (const { ordinal, payload } of batch) {
          if (!(await this.#hasRoom())) return;
          if (this.#withdrawn.has(ordinal)) continue;
          this.#write(ordinal, payload);
        }
        if (batch.length === BATCH) this.#moreWaiting = true;
      }
      this.#upToDate = true;
    } catch (error) {
      // The queue is untouched; the next event or the next socket tries again.
      this.#options.log.error({ err: error }, 'the queue of a socket could not be read');
    } finally {
      this.#draining = false;
      this.#withdrawn.clear();
    }
  }

  /** Waits until a slow client has taken what was sent. False when it never does, or when the socket is gone. */
  async #hasRoom(): Promise<boolean> {
    const { bufferBytes, stalledMilliseconds, log } = this.#options;
    const start = performance.now();
    while (!this.#retired && this.#socket.bufferedAmount >= bufferBytes) {
      if (performance.now() - start > stalledMilliseconds) {
        log.info({ account: this.accountId }, 'socket stalled');
        this.terminate();
        return false;
      }
      await new Promise((resolve) => setTimeout(resolve, BUFFER_CHECK));
    }
    return !this.#retired;
  }

  #write(ordinal: number, payload: string): void {
    this.send(messageFrame(payload, this.#options.now()));
    this.#position = ordinal;
    this.#askReceipt();
  }

  /**
   * A protocol-level ping behind the messages: its pong proves that the other end has read them. Any websocket stack
   * answers it by itself, so plain clients take part without knowing. One is under way at a time.
   */
  #askReceipt(): void {
    this.#receiptWanted = true;
    if (this.#receiptAsked) return;
    this.#receiptAsked = true;
    setImmediate(() => this.#pingWithPosition());
  }

  #pingWithPosition(): void {
    this.#receiptWanted = false;
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping(String(this.#position));
  }

  #receive(data: Buffer): void {
    this.#heard();
    this.#receiptAsked = false;
    // After a takeover the messages belong to the new socket, whatever the old one still confirms.
    if (this.#retired) return;
    const ordinal = Number(data.toString('latin1'));
    // A client can invent a pong: it may confirm only what was written to it.
    if (Number.isSafeInteger(ordinal) && ordinal > 0 && ordinal <= this.#position) {
      this.#options.delivery.received(this.accountId, ordinal, this.#options.caller.plain);
    }
    if (this.#receiptWanted) this.#askReceipt();
  }

  #hear(data: Buffer): void {
    this.#heard();
    if (!this.#mayTalk()) return this.terminate();
    const ping = readPing(data);
    if (ping === null && this.#options.extended && !this.#retired) return this.#hearExtension(data);
    if (ping === null || this.#socket.bufferedAmount >= this.#options.bufferBytes) return;
    if (ping.token === undefined) return this.send(pongFrame(this.#options.now()));
    void this.#options.sessions.isWellSigned(ping.token).then((isWellSigned) => {
      if (isWellSigned) this.send(pongFrame(this.#options.now()));
    });
  }

  #hearExtension(data: Buffer): void {
    const frame = readClientFrame(data);
    if (frame?.type === 'typing') this.#options.onTyping(frame.data);
    if (frame?.type === 'watch') this.#options.onWatch(frame.data.ids);
  }

  #mayTalk(): boolean {
    const now = performance.now();
    const refilled = this.#frameAllowance + ((now - this.#frameTime) / 1000) * FRAMES_PER_SECOND;
    this.#frameTime = now;
    this.#frameAllowance = Math.min(FRAME_BURST, refilled) - 1;
    return this.#frameAllowance >= 0;
  }

  #heard(): void {
    this.#lastHeard = performance.now();
  }

  #beat(): void {
    if (performance.now() - this.#lastHeard > this.#options.deadMilliseconds) return this.terminate();
    this.send(PING_FRAME);
    this.#pingWithPosition();
  }

  #retire(): void {
    this.#retired = true;
    clearInterval(this.#heartbeat);
  }

  #terminateAfter(milliseconds: number): void {
    const timer = setTimeout(() => this.#socket.terminate(), milliseconds);
    this.#socket.once('close', () => clearTimeout(timer));
  }
}
