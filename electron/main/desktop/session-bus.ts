/**
 * D-Bus of a Linux desktop: the session bus, where its tray, its notifications and its launcher listen, and the system bus, where
 * the sessions of all people are known.
 */
import type { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Message as BusMessage, Variant } from '@jellybrick/dbus-next';
import type { Logger } from '../support/logger.ts';

/** A service that does not answer must not keep anybody waiting. */
const CALL_PATIENCE = 3_000;
const SYSTEM_SOCKET = '/run/dbus/system_bus_socket';

export interface BusCall {
  destination: string;
  path: string;
  interface: string;
  member: string;
  /** Types of the body, as D-Bus writes them; left out when there is no body. */
  signature?: string;
  body?: unknown[];
}

export interface BusSignal {
  path: string;
  interface: string;
  member: string;
  /** Unique name of the program that sent it. */
  sender: string;
  body: unknown[];
}

export interface SessionBus {
  /** Answers the body of the reply; rejects when there is none within three seconds. */
  call(call: BusCall): Promise<unknown[]>;
  /** Tells everybody who listens; nobody answers. */
  tell(signal: Omit<BusSignal, 'sender'> & { signature: string }): void;
  /** Calls back with every signal of this interface and name. */
  listen(match: { interface: string; member: string }, listener: (signal: BusSignal) => void): void;
  /** Calls back with the owner of a well-known name: now, and whenever it changes; null when there is none. */
  watchName(name: string, listener: (owner: string | null) => void): void;
  /** A value that carries its type. */
  variant(signature: string, value: unknown): Variant;
  close(): void;
}

/** Where the session bus listens; null on a machine without one. */
export function sessionBusAddress(environment: NodeJS.ProcessEnv = process.env): string | null {
  const named = environment['DBUS_SESSION_BUS_ADDRESS'];
  if (named !== undefined && named !== '') return named;
  const folder = environment['XDG_RUNTIME_DIR'];
  if (folder === undefined || !existsSync(join(folder, 'bus'))) return null;
  return `unix:path=${join(folder, 'bus')}`;
}

/** Where the system bus listens; null on a machine without one. */
export function systemBusAddress(environment: NodeJS.ProcessEnv = process.env): string | null {
  const named = environment['DBUS_SYSTEM_BUS_ADDRESS'];
  if (named !== undefined && named !== '') return named;
  return existsSync(SYSTEM_SOCKET) ? `unix:path=${SYSTEM_SOCKET}` : null;
}

/** Connects; null where there is no bus, or none that lets us in. `onLost` is called when it goes later. */
export function openSessionBus(logger: Logger, onLost: () => void): Promise<SessionBus | null> {
  return openBus(sessionBusAddress(), logger.module('session-bus'), onLost);
}

/** The same for the system bus. */
export function openSystemBus(logger: Logger): Promise<SessionBus | null> {
  return openBus(systemBusAddress(), logger.module('system-bus'), () => undefined);
}

async function openBus(
  busAddress: string | null,
  log: Logger,
  onLost: () => void,
): Promise<SessionBus | null> {
  if (busAddress === null) return null;
  try {
    return await connect(busAddress, log, onLost);
  } catch (thrown) {
    log.warn('not-connected', { why: thrown instanceof Error ? thrown.message : String(thrown) });
    return null;
  }
}

async function connect(busAddress: string, log: Logger, onLost: () => void): Promise<SessionBus> {
  // Reading it takes longer than all of the main process before its window: it is not waited for there.
  const { Message, MessageType, sessionBus, Variant } = await import('@jellybrick/dbus-next');
  const bus = sessionBus({ busAddress });
  let closed = false;
  let connected = false;
  await new Promise<void>((resolve, reject) => {
    bus.on('connect', resolve);
    // Missing in the library's list of events.
    (bus as EventEmitter).on('error', (error: unknown) => {
      if (!connected) return reject(error);
      if (closed) return;
      closed = true;
      log.warn('lost', { why: String(error) });
      onLost();
    });
    setTimeout(() => reject(new Error('no answer')), CALL_PATIENCE).unref();
  });
  connected = true;

  const listeners = new Map<string, ((signal: BusSignal) => void)[]>();
  bus.on('message', (message: BusMessage) => {
    if (message.type !== MessageType.SIGNAL) return;
    for (const listener of listeners.get(`${message.interface}.${message.member}`) ?? [])
      listener({
        path: message.path ?? '',
        interface: message.interface ?? '',
        member: message.member ?? '',
        sender: message.sender ?? '',
        body: message.body,
      });
  });

  const call = async (input: BusCall): Promise<unknown[]> => {
    if (closed) throw new Error('the bus is closed');
    const { signature = '', body = [] } = input;
    const reply = bus.call(new Message({ ...input, signature, body }));
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${input.member}: no answer`)), CALL_PATIENCE);
    });
    try {
      return (await Promise.race([reply, patience]))?.body ?? [];
    } finally {
      clearTimeout(timer);
      reply.catch(() => undefined);
    }
  };
  const ofTheBus = (member: string, body: unknown[]) =>
    call({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member,
      signature: 's',
      body,
    });
  const listen: SessionBus['listen'] = (match, listener) => {
    const key = `${match.interface}.${match.member}`;
    const known = listeners.get(key);
    if (known !== undefined) known.push(listener);
    else {
      listeners.set(key, [listener]);
      ofTheBus('AddMatch', [`type='signal',interface='${match.interface}',member='${match.member}'`]).catch(
        (thrown: unknown) => log.error('not-listening', thrown, { key }),
      );
    }
  };

  return {
    call,
    tell(signal) {
      if (closed) return;
      bus.send(
        Message.newSignal(signal.path, signal.interface, signal.member, signal.signature, signal.body),
      );
    },
    listen,
    watchName(name, listener) {
      let told = false;
      listen({ interface: 'org.freedesktop.DBus', member: 'NameOwnerChanged' }, ({ body, sender }) => {
        // Anybody may send a signal of this name; only the bus itself knows.
        if (body[0] !== name || sender !== 'org.freedesktop.DBus') return;
        told = true;
        listener(body[2] === '' ? null : String(body[2]));
      });
      ofTheBus('GetNameOwner', [name]).then(
        ([owner]) => told || listener(String(owner)),
        () => told || listener(null),
      );
    },
    variant: (signature, value) => new Variant(signature, value),
    close() {
      closed = true;
      bus.disconnect();
    },
  };
}
