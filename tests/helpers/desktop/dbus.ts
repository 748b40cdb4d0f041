import type { EventEmitter } from 'node:events';
import {
  Message,
  NameFlag,
  RequestNameReply,
  sessionBus,
  Variant,
  type MessageBus,
} from '@jellybrick/dbus-next';
import { PNG } from 'pngjs';
import { until } from './until.ts';

/** A picture as it went over the bus. */
export interface BusPicture {
  width: number;
  height: number;
  /** Red, green, blue, alpha, 0 to 255 each. */
  pixel(x: number, y: number): [number, number, number, number];
  /** How many pixels are about this colour (each part within 24). */
  count(red: number, green: number, blue: number): number;
  png(): Buffer;
}

/** Connects to a bus and waits until it is up. */
export async function connectBus(busAddress: string): Promise<MessageBus> {
  const bus = sessionBus({ busAddress });
  await new Promise<void>((resolve, reject) => {
    bus.once('connect', () => resolve());
    // Missing in the library's list of events.
    (bus as EventEmitter).once('error', reject);
  });
  return bus;
}

/** Offers an interface on the bus whose members were named by `configureMembers`. */
export function offer(bus: MessageBus, path: string, service: Parameters<MessageBus['export']>[1]): void {
  // The library keeps the members on the prototype, and then hides them behind empty fields of the object.
  for (const field of ['$properties', '$methods', '$signals']) Reflect.deleteProperty(service, field);
  bus.export(path, service);
}

/** Takes a well-known name. Whoever had it in an earlier test may still be on the way out. */
export async function ownName(bus: MessageBus, name: string): Promise<void> {
  const isOurs = async () =>
    (await bus.requestName(name, NameFlag.DO_NOT_QUEUE)) === RequestNameReply.PRIMARY_OWNER;
  await until(isOurs, { what: `the name ${name} on the bus` });
}

/** Calls a method of the bus itself. */
export async function askBus(bus: MessageBus, member: string, argument: string): Promise<unknown> {
  const reply = await bus.call(
    new Message({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member,
      signature: 's',
      body: [argument],
    }),
  );
  return reply?.body[0];
}

/** What came over the bus as plain values: no variants, no big integers. */
export function plain(value: unknown): unknown {
  if (value instanceof Variant) return plain(value.value);
  if (typeof value === 'bigint') return Number(value);
  if (Buffer.isBuffer(value)) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
  return value;
}

/** `IconPixmap` of a tray icon: alpha, red, green, blue per pixel. */
export function pictureOfPixmap(width: number, height: number, data: Buffer): BusPicture {
  const rgba = Buffer.alloc(width * height * 4);
  for (let at = 0; at < rgba.length; at += 4) {
    data.copy(rgba, at, at + 1, at + 4);
    rgba[at + 3] = data[at] ?? 0;
  }
  return picture(width, height, rgba);
}

/** `image-data` of a notification: rows of three or four bytes per pixel. */
export function pictureOfImageData(parts: readonly unknown[]): BusPicture {
  const [width, height, rowLength, , , channels, data] = parts as [
    number,
    number,
    number,
    boolean,
    number,
    number,
    Buffer,
  ];
  const bytes = Buffer.from(data);
  const rgba = Buffer.alloc(width * height * 4, 255);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const from = y * rowLength + x * channels;
      bytes.copy(rgba, (y * width + x) * 4, from, from + channels);
    }
  return picture(width, height, rgba);
}

function picture(width: number, height: number, rgba: Buffer): BusPicture {
  const pixel = (x: number, y: number): [number, number, number, number] => {
    const at = (y * width + x) * 4;
    return [rgba[at] ?? 0, rgba[at + 1] ?? 0, rgba[at + 2] ?? 0, rgba[at + 3] ?? 0];
  };
  return {
    width,
    height,
    pixel,
    count(red, green, blue) {
      let sum = 0;
      for (let at = 0; at < rgba.length; at += 4) {
        const near = (part: number, wanted: number) => Math.abs((rgba[at + part] ?? 0) - wanted) <= 24;
        if (near(0, red) && near(1, green) && near(2, blue) && (rgba[at + 3] ?? 0) > 200) sum += 1;
      }
      return sum;
    },
    png() {
      const image = new PNG({ width, height });
      rgba.copy(image.data);
      return PNG.sync.write(image);
    },
  };
}
