import { interface as dbusInterface } from '@jellybrick/dbus-next';
import { connectBus, offer, ownName, pictureOfImageData, plain, type BusPicture } from './dbus.ts';
import { until } from './until.ts';

const NAME = 'org.freedesktop.Notifications';
const PATH = '/org/freedesktop/Notifications';

/** Why a notification closed, as the specification numbers it. */
const REASONS = { expired: 1, dismissed: 2, closed: 3 } as const;

/** What most desktops say they can do, and KDE's reply that is typed into the notification. */
export const ABILITIES = ['actions', 'body', 'body-markup', 'icon-static', 'persistence', 'inline-reply'];

/** A notification as the desktop got it. */
export interface ShownNotification {
  id: number;
  replacesId: number;
  title: string;
  body: string;
  actions: { key: string; label: string }[];
  hints: Record<string, unknown>;
  picture: BusPicture | null;
  /** Milliseconds since the epoch at which it came. */
  at: number;
}

/** A stand-in for the part of the desktop that shows notifications: it records them and plays the person. */
export interface NotificationDaemon {
  /** All that ever came, replacements included. */
  readonly history: readonly ShownNotification[];
  /** What a person sees now. */
  readonly open: readonly ShownNotification[];
  /** Waits until one that fits is open. */
  waitFor(test: (notification: ShownNotification) => boolean): Promise<ShownNotification>;
  click(id: number): void;
  action(id: number, key: string): void;
  reply(id: number, text: string): void;
  close(id: number, reason: 'expired' | 'dismissed'): void;
  /** The person wants to be left alone, as KDE says it. */
  setQuiet(quiet: boolean): void;
  /** What programs that asked whether the person wants that were told, in turn. */
  readonly quietAnswers: readonly boolean[];
  stop(): void;
}

const { Interface } = dbusInterface;

class Notifications extends Interface {
  readonly history: ShownNotification[] = [];
  readonly open = new Map<number, ShownNotification>();
  quiet = false;
  readonly quietAnswers: boolean[] = [];
  #lastId = 0;
  readonly #abilities: readonly string[];

  constructor(abilities: readonly string[]) {
    super(NAME);
    this.#abilities = abilities;
  }

  GetCapabilities(): readonly string[] {
    return this.#abilities;
  }

  GetServerInformation(): string[] {
    return ['stand-in', 'tests', '1.0', '1.2'];
  }

  Notify(
    _application: string,
    replacesId: number,
    _icon: string,
    title: string,
    body: string,
    actionList: string[],
    rawHints: Record<string, unknown>,
    _timeout: number,
  ): number {
    this.#lastId += 1;
    const id = replacesId || this.#lastId;
    const { 'image-data': image, ...hints } = plain(rawHints) as Record<string, unknown>;
    const actions: { key: string; label: string }[] = [];
    for (let at = 0; at + 1 < actionList.length; at += 2)
      actions.push({ key: actionList[at] ?? '', label: actionList[at + 1] ?? '' });
    const picture = Array.isArray(image) ? pictureOfImageData(image) : null;
    const shown = { id, replacesId, title, body, actions, hints, picture, at: Date.now() };
    this.history.push(shown);
    this.open.set(id, shown);
    return id;
  }

  CloseNotification(id: number): void {
    if (this.open.delete(id)) this.NotificationClosed(id, REASONS.closed);
  }

  get Inhibited(): boolean {
    this.quietAnswers.push(this.quiet);
    return this.quiet;
  }

  ActionInvoked(id: number, key: string): unknown[] {
    return [id, key];
  }

  NotificationReplied(id: number, text: string): unknown[] {
    return [id, text];
  }

  NotificationClosed(id: number, reason: number): unknown[] {
    return [id, reason];
  }
}
Notifications.configureMembers({
  methods: {
    GetCapabilities: { inSignature: '', outSignature: 'as' },
    GetServerInformation: { inSignature: '', outSignature: 'ssss' },
    Notify: { inSignature: 'susssasa{sv}i', outSignature: 'u' },
    CloseNotification: { inSignature: 'u', outSignature: '' },
  },
  properties: { Inhibited: { signature: 'b', access: 'read' } },
  signals: {
    ActionInvoked: { signature: 'us' },
    NotificationReplied: { signature: 'us' },
    NotificationClosed: { signature: 'uu' },
  },
});

/** Takes the name of the notification service on a bus. Start it before the app. */
export async function startNotificationDaemon(
  busAddress: string,
  abilities: readonly string[] = ABILITIES,
): Promise<NotificationDaemon> {
  const bus = await connectBus(busAddress);
  const service = new Notifications(abilities);
  offer(bus, PATH, service);
  await ownName(bus, NAME);
  const end = (id: number, reason: number) => {
    service.open.delete(id);
    service.NotificationClosed(id, reason);
  };
  // Desktops take a notification away once it was acted on.
  const action = (id: number, key: string) => {
    service.ActionInvoked(id, key);
    end(id, REASONS.dismissed);
  };
  return {
    history: service.history,
    get open() {
      return [...service.open.values()];
    },
    waitFor: (test) =>
      until(() => [...service.open.values()].find(test), {
        what: `a notification; there were ${JSON.stringify(service.history.map(({ title, body }) => [title, body]))}`,
      }),
    click: (id) => action(id, 'default'),
    action,
    reply(id, text) {
      service.NotificationReplied(id, text);
      end(id, REASONS.dismissed);
    },
    close: (id, reason) => end(id, REASONS[reason]),
    quietAnswers: service.quietAnswers,
    setQuiet: (quiet) => void (service.quiet = quiet),
    stop: () => bus.disconnect(),
  };
}
