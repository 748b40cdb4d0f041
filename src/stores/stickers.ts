import { computed, shallowRef, watch } from 'vue';
import { defineStore } from 'pinia';
import type { OwnSticker } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import { MOST_RECENT } from '#protocol/model/settings';
import { call, stage } from '../bridge.ts';
import { drawSticker } from '../lib/media/picture.ts';
import { STICKER_NAMES, STICKER_SIDE, stickerAddress, type StickerName } from '../lib/media/sticker-set.ts';
import { useMessagesStore } from './messages.ts';
import { useSessionStore } from './session.ts';
import { useSettingsStore } from './settings.ts';

/** One to choose: of the set, or of the person's own. */
export interface Sticker {
  /** `magpie:<name>` or `own:<id>`. */
  key: string;
  url: string;
  /** Of the set, translated by whoever shows it; of an own one, what the person called it. */
  name: string;
  ofSet: StickerName | null;
  width: number;
  height: number;
}

export const useStickersStore = defineStore('stickers', () => {
  const session = useSessionStore();
  const settings = useSettingsStore();
  const messages = useMessagesStore();
  const own = shallowRef<readonly OwnSticker[]>([]);

  const ofSet = STICKER_NAMES.map((name): Sticker => ({
    ...{ key: `magpie:${name}`, url: stickerAddress(name), name, ofSet: name },
    ...{ width: STICKER_SIDE, height: STICKER_SIDE },
  }));
  const ofPerson = computed(() =>
    own.value.map(({ id, ...facts }): Sticker => ({ key: `own:${id}`, ofSet: null, ...facts })),
  );
  const byKey = computed(() => new Map([...ofSet, ...ofPerson.value].map((one) => [one.key, one])));
  /** Others' accounts on this machine have other stickers of their own: unknown ones are left out. */
  const known = (keys: readonly string[]): Sticker[] =>
    keys.flatMap((key) => {
      const sticker = byKey.value.get(key);
      return sticker === undefined ? [] : [sticker];
    });
  const recent = computed(() => known(settings.settings.recentStickers));
  const favourites = computed(() => known(settings.settings.favouriteStickers));

  async function load(): Promise<void> {
    own.value = await call('stickers:list');
  }
  watch(
    () => session.identity,
    () => (own.value = []),
    { flush: 'sync' },
  );

  async function send(conversationId: ConversationId, sticker: Sticker): Promise<void> {
    const file = crypto.randomUUID();
    if (sticker.ofSet === null) {
      await call('stickers:stage', { id: sticker.key.slice('own:'.length), file });
    } else {
      const picture = await (await fetch(sticker.url)).blob();
      await stage(new File([picture], `${sticker.ofSet}.png`, { type: 'image/png' }), file);
    }
    const { name, width, height } = sticker;
    await messages.sendMedia(conversationId, { kind: 'sticker', file, name, width, height });
    const others = settings.settings.recentStickers.filter((key) => key !== sticker.key);
    await settings.update({ recentStickers: [sticker.key, ...others].slice(0, MOST_RECENT.stickers) });
  }

  /** Makes a sticker of any picture. @throws when it cannot be drawn */
  async function add(picture: File): Promise<void> {
    const drawn = await drawSticker(picture);
    const file = crypto.randomUUID();
    await stage(drawn.file, file);
    const name = picture.name.replace(/\.[^.]*$/u, '').slice(0, 50);
    own.value = await call('stickers:add', { file, name, width: drawn.width, height: drawn.height });
  }
  async function keep(messageId: string): Promise<void> {
    own.value = await call('stickers:keep', { messageId });
  }
  /** @returns what puts it back, whichever account is shown then */
  async function remove(sticker: Sticker): Promise<() => Promise<void>> {
    const { accountKey } = session;
    const id = sticker.key.slice('own:'.length);
    own.value = await call('stickers:remove', { id });
    return async () => {
      if (accountKey === null) return;
      await call('stickers:restore', { id, accountKey });
      if (session.accountKey === accountKey) await load();
    };
  }
  async function toggleFavourite({ key }: Sticker): Promise<void> {
    const present = settings.settings.favouriteStickers;
    const favouriteStickers = present.includes(key)
      ? present.filter((one) => one !== key)
      : [key, ...present].slice(0, MOST_RECENT.favourites);
    await settings.update({ favouriteStickers });
  }
  const isFavourite = ({ key }: Sticker): boolean => settings.settings.favouriteStickers.includes(key);

  return { ofSet, ofPerson, recent, favourites, load, send, add, keep, remove, toggleFavourite, isFavourite };
});
