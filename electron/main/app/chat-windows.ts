/** Conversations in windows of their own, beside the main one; they show the account that is on screen there. */
import type { BrowserWindow } from 'electron';
import type { ConversationId } from '#protocol/model/conversation';
import { partsOf, placeOf, type Place } from '../desktop/places.ts';
import type { SettingsStore } from '../settings/settings.ts';
import type { StoredChatWindow, WindowBounds } from '../settings/stored-data.ts';

/** How many places are remembered; those that were not used for long are forgotten. */
export const REMEMBERED = 60;

export interface ChatWindowsOptions {
  settings: SettingsStore;
  /** Makes one, shown as soon as it is painted. */
  create(input: {
    conversationId: ConversationId;
    stored: WindowBounds | null;
    onBounds: (bounds: WindowBounds) => void;
  }): BrowserWindow;
  /** Which conversations of the account on screen have one. */
  onChanged(conversationIds: ConversationId[]): void;
  onClosed(windowId: number): void;
  /** What its page alone knows is stored when this answers; never fails. */
  store(window: BrowserWindow): Promise<void>;
}

export type ChatWindows = ReturnType<typeof createChatWindows>;

export function createChatWindows(options: ChatWindowsOptions) {
  const { settings } = options;
  const windows = new Map<Place, BrowserWindow>();
  /** Hidden, and gone as soon as their pages have stored what they know, unless somebody wants them again before that. */
  const closing = new Map<BrowserWindow, symbol>();
  let shownKey: string | null = null;
  /** Nothing is to come up yet: the app was started hidden. */
  let held = false;
  /** They go because the app or the account does, not because the person closed them. */
  let leaving = false;

  const ids = (): ConversationId[] => [...windows.keys()].map((place) => partsOf(place).id);
  const remember = (place: Place, change: Partial<StoredChatWindow>) => {
    settings.update(({ chatWindows }) => {
      const { [place]: before, ...others } = chatWindows;
      const entry = { x: 0, y: 0, width: 0, height: 0, maximized: false, open: false, ...before, ...change };
      return {
        chatWindows: Object.fromEntries([...Object.entries(others), [place, entry]].slice(-REMEMBERED)),
      };
    });
  };
  /** Null for one that was never placed. */
  const storedAt = (place: Place): WindowBounds | null => {
    const stored = settings.read().chatWindows[place];
    return stored === undefined || stored.width === 0 ? null : stored;
  };

  const open = (place: Place): void => {
    const window = options.create({
      conversationId: partsOf(place).id,
      stored: storedAt(place),
      onBounds: (bounds) => remember(place, bounds),
    });
    const { id } = window;
    windows.set(place, window);
    remember(place, { open: true });
    // What was typed, chosen and spoken here a moment ago is on its way to main still.
    window.on('close', (event) => {
      if (leaving) return;
      event.preventDefault();
      window.hide();
      // It may be shown and closed anew while this is stored; then it is stored anew, too.
      const turn = Symbol(place);
      closing.set(window, turn);
      void options.store(window).then(() => {
        if (closing.get(window) === turn && !window.isDestroyed()) window.destroy();
      });
    });
    window.on('closed', () => {
      closing.delete(window);
      if (windows.get(place) === window) windows.delete(place);
      if (!leaving) remember(place, { open: false });
      options.onClosed(id);
      if (!leaving) options.onChanged(ids());
    });
    options.onChanged(ids());
  };
  const openAll = () => {
    if (shownKey === null || held) return;
    for (const [place, { open: wasOpen }] of Object.entries(settings.read().chatWindows))
      if (wasOpen && partsOf(place).accountKey === shownKey && !windows.has(place)) open(place);
  };
  const closeAll = () => {
    if (windows.size === 0) return;
    leaving = true;
    for (const window of [...windows.values()]) window.destroy();
    leaving = false;
    windows.clear();
    options.onChanged([]);
  };
  const at = (conversationId: ConversationId) =>
    shownKey === null ? undefined : windows.get(placeOf(shownKey, conversationId));

  return {
    all: (): BrowserWindow[] => [...windows.values()],
    get conversationIds(): ConversationId[] {
      return ids();
    },
    /** Another account is on screen, or none. Its windows come back as they were. */
    accountShown(key: string | null): void {
      if (key === shownKey) return;
      closeAll();
      shownKey = key;
      openAll();
    },
    open(conversationId: ConversationId): void {
      if (shownKey === null || this.focus(conversationId)) return;
      open(placeOf(shownKey, conversationId));
    },
    /** Its own; null for a conversation that has none. */
    of: (conversationId: ConversationId): BrowserWindow | null => at(conversationId) ?? null,
    /** Whether a conversation is shown in this window: in its own, or in the main one where it has none. */
    shows(windowId: number, conversationId: ConversationId): boolean {
      const own = at(conversationId);
      if (own !== undefined) return own.id === windowId;
      return ![...windows.values()].some(({ id }) => id === windowId);
    },
    /** To the front; false when it has no window of its own. */
    focus(conversationId: ConversationId): boolean {
      const window = at(conversationId);
      if (window === undefined) return false;
      closing.delete(window);
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
      return true;
    },
    close: (conversationId: ConversationId): void => at(conversationId)?.close(),
    hold(): void {
      held = true;
    },
    release(): void {
      if (!held) return;
      held = false;
      openAll();
    },
    /** For the end of the app: they are there again at the next start. */
    stop(): void {
      leaving = true;
    },
  };
}
