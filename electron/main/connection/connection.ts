import { MagpieError } from '#protocol/errors';
import type { NetworkProblem } from '#protocol/model/network';
import type { ConnectionState, OfflineReason } from '#protocol/model/session';
import { CLOSE_REPLACED, CLOSE_SIGNED_IN_ELSEWHERE } from '#protocol/wire/frames';
import type { ChatDialect, Frame, Signal } from '../dialects/chat-dialect.ts';
import { problemIn } from '../network/problems.ts';
import { backoffDelay } from '../support/backoff.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { openSocket, type OpenSocket } from './socket.ts';

/** A ping of the websocket protocol, which every stack answers by itself. */
export const PROBE_EVERY = 6_000;
/** Every so many probes a ping in the words of the dialect goes along: some servers count only those. */
const PROBES_PER_PING = 4;
/** A socket this long without a sign of life is dead, whatever the operating system believes. */
export const SILENCE_LIMIT = 20_000;
/** Plain servers forget that we are online after a day, so the socket is renewed before. */
export const RENEW_AFTER = 23 * 3_600_000;
/** A server upgrades before it registers the account; its first frame tells that it has. Not all of them send one. */
export const FIRST_FRAME_WAIT = 1_500;
/** A line that lives answers in much less; one that was carried to another network never does. */
export const CHECK_PATIENCE = 5_000;
const CONNECT_TIMEOUT = 10_000;
/** Online for this long makes the next trouble a first one. */
const STABLE_AFTER = 30_000;
const REFUSED_ATTEMPT = 7;

export interface ConnectionOptions {
  dialect: Pick<
    ChatDialect,
    'socketUrl' | 'network' | 'parseFrame' | 'pingFrame' | 'pongFrame' | 'flushOffline' | 'clearCloseReasons'
  >;
  clock: Clock;
  logger: Logger;
  onState(state: ConnectionState): void;
  onEvent(frame: Extract<Frame, { type: 'event' }>): void;
  /** Resolves when all events so far are stored: only then a server may hear that they have arrived. */
  stored(): Promise<void>;
  onSignal?(signal: Signal): void;
  /** Fetches what was missed, once the socket is registered; its failure is that of the connection. */
  catchUp?(): Promise<void>;
  /** Milliseconds after which a socket is replaced by a fresh one; {@link RENEW_AFTER} unless a test is in a hurry. */
  renewAfter?: number;
  /** For tests: drops a frame before anybody has seen it. */
  dropFrame?(text: string): boolean;
  /** The server says that this session is over; the connection has stopped itself. */
  onEnded(end: { kicked: boolean; error: MagpieError }): void;
}

export interface Connection {
  start(): void;
  /** Tries at once instead of waiting for the planned time; does nothing while online or trying. */
  reconnectNow(): void;
  /**
   * The network may have changed: tries at once when nothing is open, else asks the other end for a sign of life, and
   * opens another socket when none comes within {@link CHECK_PATIENCE}.
   */
  check(): void;
  /** Drops the socket and opens another: after sleep or a change of network the old one may be dead without knowing. */
  renew(): void;
  /** Sends a frame, or drops it when there is no socket. */
  send(text: string): void;
  stop(): void;
  /** Frames that could not be read, since the start. */
  readonly malformedFrames: number;
}

/** Keeps one socket to the server alive until it is stopped. One attempt at a time. */
export function createConnection(options: ConnectionOptions): Connection {
  const { dialect, clock, onState } = options;
  const log = options.logger.module('connection');
  let socket: OpenSocket | null = null;
  let running = false;
  let attempt = 0;
  let onlineSince: number | null = null;
  let lastHeard = 0;
  let malformedFrames = 0;
  /** Tells late answers of a former socket from those of the present one. */
  let generation = 0;
  let timers: (() => void)[] = [];

  const after = (milliseconds: number, callback: () => void) => {
    const cancel = clock.after(milliseconds, callback);
    timers.push(cancel);
    return cancel;
  };
  const clear = () => {
    generation += 1;
    for (const cancel of timers) cancel();
    timers = [];
    socket?.terminate();
    socket = null;
  };

  const open = () => {
    clear();
    const mine = generation;
    attempt += 1;
    onlineSince = null;
    onState({ state: 'connecting', attempt });
    let registered = false;
    const register = () => {
      if (registered || mine !== generation) return;
      registered = true;
      void confirm(mine);
    };
    const cancelTimeout = after(CONNECT_TIMEOUT, () => lose('unreachable'));
    socket = openSocket(dialect.socketUrl(), dialect.network, {
      onOpen() {
        cancelTimeout();
        heard();
        watch();
        after(FIRST_FRAME_WAIT, register);
      },
      onText(text) {
        heard();
        if (options.dropFrame?.(text) === true) return;
        const frame = dialect.parseFrame(text);
        handle(frame);
        // A refusal is a frame too, but no registration.
        if (mine === generation && frame.type !== 'refused') register();
      },
      onPing(answer) {
        heard();
        options.stored().then(answer, () => undefined);
      },
      onAlive: heard,
      onEnd: ended,
    });
  };

  const heard = () => {
    lastHeard = clock.uptime();
  };

  const watch = () => {
    let probes = 0;
    const beat = () => {
      const silence = clock.uptime() - lastHeard;
      if (silence >= SILENCE_LIMIT) {
        lose('silent');
        return;
      }
      probes += 1;
      socket?.ping();
      if (probes % PROBES_PER_PING === 0) socket?.send(dialect.pingFrame);
      after(Math.min(PROBE_EVERY, SILENCE_LIMIT - silence), beat);
    };
    after(PROBE_EVERY, beat);
    after(options.renewAfter ?? RENEW_AFTER, () => {
      log.info('renewed');
      open();
    });
  };

  const handle = (frame: Frame) => {
    switch (frame.type) {
      case 'ping':
        socket?.send(dialect.pongFrame);
        break;
      case 'event':
        options.onEvent(frame);
        break;
      case 'signal':
        options.onSignal?.(frame.signal);
        break;
      case 'refused':
        log.warn('refused');
        void verify('refused', frame);
        break;
      case 'kicked':
        end(true, new MagpieError('session-ended', 'signed in elsewhere', { serverText: frame.serverText }));
        break;
      case 'malformed':
        malformedFrames += 1;
        // A server gone mad must not fill the log: 1, 2, 4, 8, … are written down.
        if ((malformedFrames & (malformedFrames - 1)) === 0)
          log.warn('malformed-frame', { why: frame.why, count: malformedFrames });
        break;
      default:
      // Pongs and greetings only prove that the server lives, and that is noted already.
    }
  };

  /** After registration: fetches what waited and learns by it whether the token still lives. */
  const confirm = async (mine: number) => {
    try {
      await (options.catchUp === undefined ? dialect.flushOffline() : options.catchUp());
    } catch (thrown) {
      if (mine === generation) judge(thrown, 'lost');
      return;
    }
    if (mine !== generation) return;
    onlineSince = clock.uptime();
    log.info('online', { attempt });
    onState({ state: 'online' });
  };

  /** A close or refusal that may mean the end of the session: one call tells. */
  const verify = async (reason: OfflineReason, refusal?: { serverText: string; badToken: boolean }) => {
    clear();
    const mine = generation;
    try {
      await dialect.flushOffline();
    } catch (thrown) {
      if (mine !== generation) return;
      // Plain servers fall over a token that they did not make, where they should refuse it.
      const fellOver = thrown instanceof MagpieError && (thrown.details?.status ?? 0) >= 500;
      if (refusal?.badToken === true && fellOver)
        end(
          false,
          new MagpieError('session-ended', 'the server does not know the token', undefined, {
            cause: thrown,
          }),
        );
      else judge(thrown, reason, refusal?.serverText);
      return;
    }
    if (mine === generation) lose(reason, refusal?.serverText);
  };

  const judge = (thrown: unknown, reason: OfflineReason, serverText?: string) => {
    const isOver =
      thrown instanceof MagpieError &&
      (thrown.code === 'session-ended' || thrown.code === 'account-disabled');
    if (isOver) end(false, thrown);
    else lose(reason, serverText, problemIn(thrown));
  };

  const ended = (code: number, opened: boolean, problem: NetworkProblem | null) => {
    log.info('closed', { code, opened, problem: problem?.kind });
    if (code === CLOSE_SIGNED_IN_ELSEWHERE)
      end(true, new MagpieError('session-ended', 'closed in favour of another sign-in'));
    else if (code === CLOSE_REPLACED) lose('lost');
    else if (!opened) lose('unreachable', undefined, problem);
    // Plain servers close without a code when they mean a kick, and also when they do not.
    else if (code !== 1006 && !dialect.clearCloseReasons) void verify('lost');
    else lose('lost');
  };

  const lose = (reason: OfflineReason, serverText?: string, problem: NetworkProblem | null = null) => {
    clear();
    if (!running) return;
    if (onlineSince !== null && clock.uptime() - onlineSince >= STABLE_AFTER) attempt = 0;
    onlineSince = null;
    // A refusal does not pass in a second: the tries begin at the far end of the scale.
    if (reason === 'refused') attempt = Math.max(attempt, REFUSED_ATTEMPT);
    const delay = backoffDelay(Math.max(1, attempt), () => clock.random());
    after(delay, open);
    onState({
      ...{ state: 'offline', reason, retryAt: clock.now() + delay },
      ...(serverText === undefined ? {} : { serverText }),
      ...(problem === null ? {} : { problem }),
    });
  };

  const end = (kicked: boolean, error: MagpieError) => {
    stop();
    options.onEnded({ kicked, error });
  };

  const stop = () => {
    running = false;
    clear();
  };

  return {
    start() {
      if (running) return;
      running = true;
      attempt = 0;
      open();
    },
    reconnectNow() {
      if (running && socket === null) open();
    },
    check() {
      if (!running) return;
      if (socket === null) {
        attempt = 0;
        open();
        return;
      }
      if (onlineSince === null) return;
      const asked = clock.uptime();
      socket.ping();
      after(CHECK_PATIENCE, () => {
        if (lastHeard >= asked) return;
        log.info('check-failed');
        attempt = 0;
        open();
      });
    },
    renew() {
      if (!running) return;
      attempt = 0;
      open();
    },
    send(text) {
      socket?.send(text);
    },
    stop,
    get malformedFrames() {
      return malformedFrames;
    },
  };
}
