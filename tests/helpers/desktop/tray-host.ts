import {
  interface as dbusInterface,
  Message,
  MessageType,
  Variant,
  type MessageBus,
} from '@jellybrick/dbus-next';
import { askBus, connectBus, offer, ownName, pictureOfPixmap, plain, type BusPicture } from './dbus.ts';
import { until } from './until.ts';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const ITEM = 'org.kde.StatusNotifierItem';
const MENU = 'com.canonical.dbusmenu';
const ITEM_PATH = '/StatusNotifierItem';

/** One line of a tray icon's menu. */
export interface TrayMenuItem {
  id: number;
  label: string;
  type: string;
  enabled: boolean;
  children: TrayMenuItem[];
}

/** A tray icon as the panel sees it. */
export interface TrayItem {
  /** The icon as it is now. */
  picture(): Promise<BusPicture>;
  tooltip(): Promise<string>;
  menu(): Promise<TrayMenuItem[]>;
  /** Every label of the menu, those of submenus included. */
  labels(): Promise<string[]>;
  clickMenu(label: string | RegExp): Promise<void>;
  /** A left click on the icon. */
  activate(): Promise<void>;
  /** Milliseconds since the epoch at which the app said that its icon is another one. */
  readonly iconChanges: readonly number[];
}

/** A stand-in for the panel of a desktop: tray icons register with it. */
export interface TrayHost {
  readonly items: readonly TrayItem[];
  /** Waits for the app's icon. */
  item(): Promise<TrayItem>;
  stop(): void;
}

const { Interface } = dbusInterface;

class Watcher extends Interface {
  items: string[] = [];
  readonly #onRegister: (service: string) => void;

  constructor(onRegister: (service: string) => void) {
    super(WATCHER);
    this.#onRegister = onRegister;
  }

  RegisterStatusNotifierItem(service: string): void {
    this.#onRegister(service);
  }

  RegisterStatusNotifierHost(): void {
    this.StatusNotifierHostRegistered();
  }

  get RegisteredStatusNotifierItems(): string[] {
    return this.items;
  }

  get IsStatusNotifierHostRegistered(): boolean {
    return true;
  }

  get ProtocolVersion(): number {
    return 0;
  }

  StatusNotifierItemRegistered(service: string): string {
    return service;
  }

  StatusNotifierItemUnregistered(service: string): string {
    return service;
  }

  StatusNotifierHostRegistered(): void {}
}
Watcher.configureMembers({
  methods: {
    RegisterStatusNotifierItem: { inSignature: 's', outSignature: '' },
    RegisterStatusNotifierHost: { inSignature: 's', outSignature: '' },
  },
  properties: {
    RegisteredStatusNotifierItems: { signature: 'as', access: 'read' },
    IsStatusNotifierHostRegistered: { signature: 'b', access: 'read' },
    ProtocolVersion: { signature: 'i', access: 'read' },
  },
  signals: {
    StatusNotifierItemRegistered: { signature: 's' },
    StatusNotifierItemUnregistered: { signature: 's' },
    StatusNotifierHostRegistered: { signature: '' },
  },
});

class Item implements TrayItem {
  readonly iconChanges: number[] = [];
  readonly #bus: MessageBus;
  readonly #service: string;
  readonly owner: string;

  constructor(bus: MessageBus, service: string, owner: string) {
    this.#bus = bus;
    this.#service = service;
    this.owner = owner;
  }

  async picture(): Promise<BusPicture> {
    const pixmaps = (await this.#properties())['IconPixmap'] as [number, number, Buffer][];
    const [first] = pixmaps;
    if (first === undefined) throw new Error('the tray icon has no picture');
    return pictureOfPixmap(first[0], first[1], Buffer.from(first[2]));
  }

  async tooltip(): Promise<string> {
    const [, , title, text] = (await this.#properties())['ToolTip'] as [string, unknown, string, string];
    return [title, text].filter(Boolean).join(' ');
  }

  async menu(): Promise<TrayMenuItem[]> {
    const path = await this.#menuPath();
    await this.#call(MENU, path, 'AboutToShow', 'i', [0]).catch(() => undefined);
    const [, root] = await this.#call(MENU, path, 'GetLayout', 'iias', [0, -1, []]);
    return shapeOf(root).children;
  }

  async labels(): Promise<string[]> {
    return flat(await this.menu()).map(({ label }) => label);
  }

  /** As a panel does whose menu was replaced under the pointer: what has gone is looked for in the new one. */
  async clickMenu(label: string | RegExp): Promise<void> {
    const isWanted = (text: string) => (typeof label === 'string' ? text === label : label.test(text));
    await until(
      async () => {
        const items = flat(await this.menu());
        const item = items.find((one) => isWanted(one.label));
        if (item === undefined)
          throw new Error(`no menu item ${label}; there are: ${items.map((one) => one.label).join(' | ')}`);
        if (!item.enabled) throw new Error(`menu item ${label} is disabled`);
        // Refused for an id of a menu that is no more: then nothing was clicked.
        await this.#call(MENU, await this.#menuPath(), 'Event', 'isvu', [
          item.id,
          'clicked',
          new Variant('i', 0),
          0,
        ]);
        return true;
      },
      { timeout: 10_000, what: `a click on ${label}` },
    );
  }

  async activate(): Promise<void> {
    await this.#call(ITEM, ITEM_PATH, 'Activate', 'ii', [0, 0]);
  }

  async #menuPath(): Promise<string> {
    return String((await this.#properties())['Menu']);
  }

  async #properties(): Promise<Record<string, unknown>> {
    const [all] = await this.#call('org.freedesktop.DBus.Properties', ITEM_PATH, 'GetAll', 's', [ITEM]);
    return plain(all) as Record<string, unknown>;
  }

  async #call(
    interfaceName: string,
    path: string,
    member: string,
    signature: string,
    body: unknown[],
  ): Promise<unknown[]> {
    const destination = this.#service;
    const call = new Message({ destination, path, interface: interfaceName, member, signature, body });
    return (await this.#bus.call(call))?.body ?? [];
  }
}

function shapeOf(node: unknown): TrayMenuItem {
  const [id, raw, children] = (node instanceof Variant ? node.value : node) as [number, unknown, unknown[]];
  const properties = plain(raw) as Record<string, unknown>;
  return {
    id,
    // A single underscore marks the key to press, two of them are one to read.
    label: String(properties['label'] ?? '').replace(/_(.)/gu, '$1'),
    type: String(properties['type'] ?? 'standard'),
    enabled: properties['enabled'] !== false,
    children: children.map(shapeOf),
  };
}

function flat(items: readonly TrayMenuItem[]): TrayMenuItem[] {
  return items.flatMap((item) => [item, ...flat(item.children)]);
}

/** Takes the name under which tray icons register. An app looks for it when it starts, and again when it appears. */
export async function startTrayHost(busAddress: string): Promise<TrayHost> {
  const bus = await connectBus(busAddress);
  const items: Item[] = [];
  const add = async (service: string) => {
    items.push(new Item(bus, service, String(await askBus(bus, 'GetNameOwner', service))));
    watcher.items.push(service);
    watcher.StatusNotifierItemRegistered(service);
  };
  const watcher = new Watcher((service) => setImmediate(() => void add(service).catch(() => undefined)));
  bus.on('message', (message: Message) => {
    if (message.type !== MessageType.SIGNAL) return;
    if (message.member === 'NameOwnerChanged' && message.body[2] === '') {
      const gone = items.findIndex(({ owner }) => owner === message.body[0]);
      if (gone >= 0) items.splice(gone, 1);
    } else if (message.interface === ITEM && message.member === 'NewIcon') {
      for (const item of items) if (item.owner === message.sender) item.iconChanges.push(Date.now());
    }
  });
  await askBus(bus, 'AddMatch', `type='signal',interface='${ITEM}'`);
  await askBus(bus, 'AddMatch', "type='signal',interface='org.freedesktop.DBus',member='NameOwnerChanged'");
  offer(bus, '/StatusNotifierWatcher', watcher);
  await ownName(bus, WATCHER);
  watcher.StatusNotifierHostRegistered();
  return {
    items,
    item: () => until(() => items.at(-1), { what: 'a tray icon' }),
    stop: () => bus.disconnect(),
  };
}
