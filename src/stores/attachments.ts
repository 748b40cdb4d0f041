import { onScopeDispose, shallowReactive, watch } from 'vue';
import { defineStore } from 'pinia';
import type { KeptTray, MediaDraft, PreparedMedia } from '#protocol/ipc';
import type { ConversationId } from '#protocol/model/conversation';
import type { Preparation } from '#protocol/model/message';
import { MOST_ORIGINALS } from '#protocol/model/settings';
import { MagpieError, toWireError, type WireError } from '#protocol/errors';
import { call, stage, stageFolder } from '../bridge.ts';
import { isPicture } from '../lib/media/picture.ts';
import { pictureSize } from '../lib/media/picture-workshop.ts';
import { videoShape } from '../lib/media/video.ts';
import { useAccountsStore } from './accounts.ts';
import { useDraftsStore } from './drafts.ts';
import { useMessagesStore } from './messages.ts';
import { usePreparationsStore } from './preparations.ts';
import { sift, type Unusable } from './sendable.ts';
import { useSessionStore } from './session.ts';
import { useSettingsStore } from './settings.ts';

/** A file in the tray, not sent yet. */
export interface Attachment {
  readonly key: string;
  readonly name: string;
  /** Of its content, as MIME names it. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** What the person chose just now, or the address where main shows what it kept of an earlier time. */
  readonly source: File | string;
  /** Can be drawn here, so there is a choice between picture and file. */
  readonly isPicture: boolean;
  /** For the thumbnail; empty when there is nothing to see. */
  readonly preview: string;
  asFile: boolean;
  /** The bytes as they are, with all that a camera wrote into them. */
  original: boolean;
}

interface Shape {
  kind: 'image' | 'video';
  /** Pixels, upright. */
  width: number;
  height: number;
  /** Milliseconds. */
  duration: number;
}

/** A conversation of an account: ids are unique within one account only. */
type Place = string;

/** Files that are about to be sent, per conversation; what is sent belongs to main. They wait while another account is on screen. */
export const useAttachmentsStore = defineStore('attachments', () => {
  const session = useSessionStore();
  const accounts = useAccountsStore();
  const drafts = useDraftsStore();
  const messages = useMessagesStore();
  const preparations = usePreparationsStore();
  const settings = useSettingsStore();
  const trays = shallowReactive(new Map<Place, readonly Attachment[]>());
  /** What is being made ready, by attachment and choice: begun when it comes into the tray, so that it is done early. */
  const made = new Map<string, Promise<PreparedMedia | null>>();
  /** Bytes of the compressed pictures, by attachment; none for those that go as they are. */
  const smaller = shallowReactive(new Map<string, number>());
  /** Ids under which main keeps the attachments. */
  const kept = new Map<string, Promise<string>>();
  /** The same, once they are known. */
  const ids = new Map<string, string>();
  /** What was sent and is not in its conversation yet: until then it belongs to the tray that main keeps. */
  const leaving = new Map<Place, readonly Attachment[]>();
  /** Accounts whose trays of an earlier time are here. */
  const recalled = new Set<string>();
  /** How large each is when it is shown; null for what cannot be. */
  const shapes = new Map<string, Promise<Shape | null>>();
  /** Sends of one conversation leave in the order of the keys. */
  const lanes = new Map<Place, Promise<unknown>>();

  const placeOf = (conversationId: ConversationId): Place => `${session.accountKey}|${conversationId}`;

  const trayAt = (place: Place): readonly Attachment[] => trays.get(place) ?? [];
  const set = (place: Place, tray: readonly Attachment[]): void => {
    if (tray.length === 0) trays.delete(place);
    else trays.set(place, tray);
  };

  /** Main keeps the tray over a lock, a crash and the next start. One of an account that is not on screen is kept already. */
  function persist(place: Place, conversationId: ConversationId): Promise<void> {
    if (placeOf(conversationId) !== place) return Promise.resolve();
    const files = [...(leaving.get(place) ?? []), ...trayAt(place)].flatMap(({ key, asFile, original }) => {
      const file = ids.get(key);
      return file === undefined ? [] : [{ file, asFile, original }];
    });
    // A disk that is full says so itself; the files are here still.
    return drafts.awaited(call('media:save-tray', { conversationId, files }).catch(() => undefined));
  }

  const once = <Value>(map: Map<string, Promise<Value>>, key: string, work: () => Promise<Value>) => {
    let value = map.get(key);
    if (value === undefined) {
      value = work();
      map.set(key, value);
      value.catch(() => map.delete(key));
    }
    return value;
  };
  const keep = ({ key, source }: Attachment): Promise<string> =>
    once(kept, key, async () => {
      if (typeof source === 'string') throw new MagpieError('file-gone', 'main keeps it under an id');
      const id = crypto.randomUUID();
      await stage(source, id);
      ids.set(key, id);
      return id;
    });
  const shapeOf = ({ key, type, source, isPicture: picture, preview }: Attachment): Promise<Shape | null> =>
    once(shapes, key, async () => {
      if (picture) {
        const size = await pictureSize(preview);
        return size === null ? null : { ...size, kind: 'image', duration: 0 };
      }
      if (!type.startsWith('video/')) return null;
      const film = await videoShape(source);
      return film === null ? null : { ...film, kind: 'video' };
    });
  /** Null for what main alone has: it is made ready once its message waits for it. */
  const make = ({ key, source, original }: Attachment, { kind }: Shape): Promise<PreparedMedia | null> =>
    once(made, `${key} ${original}`, async () =>
      typeof source === 'string' ? null : preparations.prepare(source, kind, original),
    );
  /** Tells how large a picture will be, once that is known. */
  async function weigh({ key, original }: Attachment, work: Promise<PreparedMedia | null>): Promise<void> {
    const { file } = (await work) ?? {};
    if (!original && file !== undefined && kept.has(key)) smaller.set(key, file.bytes.byteLength);
  }

  /** It looked like a picture and cannot be drawn here. */
  function showAsFile({ key, preview }: Attachment): void {
    for (const [place, tray] of trays)
      if (tray.some((one) => one.key === key))
        set(
          place,
          tray.map((one) => (one.key === key ? { ...one, isPicture: false, preview: '' } : one)),
        );
    URL.revokeObjectURL(preview);
  }

  /** Everything that can be done before it is sent. */
  async function getReady(conversationId: ConversationId, attachment: Attachment): Promise<void> {
    const place = placeOf(conversationId);
    const isKept = drafts.awaited(keep(attachment).then(() => persist(place, conversationId)));
    const [shape] = await Promise.all([shapeOf(attachment), isKept]);
    if (shape === null && attachment.isPicture) showAsFile(attachment);
    if (shape !== null && !attachment.asFile) await weigh(attachment, make(attachment, shape));
  }

  function forgetMade(key: string): void {
    kept.delete(key);
    ids.delete(key);
    smaller.delete(key);
    shapes.delete(key);
    for (const choice of [...made.keys()]) if (choice.startsWith(`${key} `)) made.delete(choice);
  }
  /** What is forgotten of an attachment: all, unless a message names its file. */
  async function forget({ key, preview }: Attachment, isSent: boolean): Promise<void> {
    const id = kept.get(key);
    forgetMade(key);
    if (isSent) return;
    if (preview !== '') URL.revokeObjectURL(preview);
    await id?.then((file) => call('media:discard', { files: [file] })).catch(() => undefined);
  }

  /** Its message stands in the conversation when this answers, whether its file is ready or not. */
  async function sendOne(conversationId: ConversationId, attachment: Attachment): Promise<void> {
    const { original, preview } = attachment;
    const [file, found] = await Promise.all([keep(attachment), shapeOf(attachment)]);
    const shape = attachment.asFile ? null : found;
    if (shape === null) {
      // A picture, though nothing here can draw it: what a camera wrote into it is as private as that of any other.
      const quiet = isPicture(attachment) && !attachment.asFile && !original;
      await messages.sendMedia(conversationId, { kind: 'file', file, quiet });
      if (preview !== '') URL.revokeObjectURL(preview);
      return forget(attachment, true);
    }
    const { kind, width, height, duration } = shape;
    const unprepared: Preparation = original || kind === 'video' ? 'keep' : 'compress';
    const facts = { file, preview: '', width, height, unprepared } as const;
    if (kind === 'image') preparations.show(file, preview);
    const content: MediaDraft = kind === 'image' ? { kind, ...facts } : { kind, duration, ...facts };
    const message = await messages.sendMedia(conversationId, content).catch((error: unknown) => {
      preparations.hide(file);
      throw error;
    });
    const { name, type: mime, size } = attachment;
    const waiting = { messageId: message.id, kind, preparation: unprepared, name, mime, size };
    void preparations
      .finish(waiting, () => make(attachment, shape))
      // It is taken up again, at the latest at the next start; until then its bubble says that it is on its way.
      .catch(() => undefined)
      .finally(() => {
        preparations.forget(file);
        void forget(attachment, true);
      });
  }

  /** How the pictures of this account go, unless somebody chooses otherwise. */
  const goesAsIs = (): boolean => settings.settings.originalsOf.includes(session.accountKey ?? '');

  /** Adds what can be sent; tells what cannot. */
  async function add(
    conversationId: ConversationId,
    files: readonly File[],
  ): Promise<{ added: readonly Attachment[]; unusable: Unusable[] }> {
    const place = placeOf(conversationId);
    const { usable, unusable } = await sift(files);
    const original = goesAsIs();
    const added = usable.map((file): Attachment => {
      const picture = isPicture(file);
      const { name, type, size } = file;
      const about = { key: crypto.randomUUID(), name, type, size, source: file, isPicture: picture };
      return { ...about, preview: picture ? URL.createObjectURL(file) : '', asFile: false, original };
    });
    set(place, [...trayAt(place), ...added]);
    for (const attachment of added) void getReady(conversationId, attachment).catch(() => undefined);
    return { added, unusable };
  }

  /** Packs a folder into an archive, which then lies in the tray. @param id under which progress is told */
  async function addFolder(conversationId: ConversationId, folder: File, id: string): Promise<void> {
    const place = placeOf(conversationId);
    const { name, size } = await stageFolder(folder, id);
    const archive = { file: id, name, size, mime: 'application/zip', url: '', asFile: true, original: false };
    set(place, [...trayAt(place), keptBefore(archive)]);
    await persist(place, conversationId);
  }

  function remove(conversationId: ConversationId, key: string): void {
    const place = placeOf(conversationId);
    const gone = trayAt(place).find((attachment) => attachment.key === key);
    set(
      place,
      trayAt(place).filter((attachment) => attachment.key !== key),
    );
    if (gone !== undefined) void forget(gone, false);
  }

  function change(conversationId: ConversationId, key: string, choice: Partial<Attachment>): void {
    const place = placeOf(conversationId);
    const tray = trayAt(place).map((one) => (one.key === key ? { ...one, ...choice } : one));
    set(place, tray);
    const changed = tray.find((one) => one.key === key);
    if (changed !== undefined) void getReady(conversationId, changed).catch(() => undefined);
  }

  /** How the pictures of this account are to go from now on, until somebody chooses otherwise again. */
  function rememberOriginal(original: boolean): void {
    const { accountKey } = session;
    if (accountKey === null) return;
    const others = settings.settings.originalsOf.filter((key) => key !== accountKey);
    const originalsOf = original ? [accountKey, ...others].slice(0, MOST_ORIGINALS) : others;
    // What cannot be stored is chosen again the next time.
    void settings.update({ originalsOf }).catch(() => undefined);
  }

  function move(conversationId: ConversationId, key: string, step: -1 | 1): void {
    const place = placeOf(conversationId);
    const tray = [...trayAt(place)];
    const at = tray.findIndex((one) => one.key === key);
    const [one] = tray.splice(at, 1);
    if (one === undefined) return;
    tray.splice(Math.max(0, Math.min(tray.length, at + step)), 0, one);
    set(place, tray);
    void persist(place, conversationId);
  }

  /**
   * Sends the tray, or these of it, in its order, and `after` behind it: a caption neither overtakes its picture nor goes without it.
   * Failures are told per file; the others go. What could not be sent lies in the tray again, and so does what was not on its
   * way when another account came on screen.
   */
  function send(
    conversationId: ConversationId,
    after: () => Promise<void>,
    only?: readonly Attachment[],
  ): Promise<WireError[]> {
    const place = placeOf(conversationId);
    const keys = new Set((only ?? trayAt(place)).map(({ key }) => key));
    const tray = trayAt(place).filter(({ key }) => keys.has(key));
    set(
      place,
      trayAt(place).filter(({ key }) => !keys.has(key)),
    );
    leaving.set(place, [...(leaving.get(place) ?? []), ...tray]);
    const { identity } = session;
    const unsent: Attachment[] = [];
    /** Whoever made them may have nothing else of them: a picture out of the clipboard, a photo. */
    const giveBack = (rest: readonly Attachment[] = []) => {
      const back = [...unsent, ...rest];
      if (back.length === 0) return;
      leaving.set(
        place,
        (leaving.get(place) ?? []).filter((one) => !back.includes(one)),
      );
      set(place, [...back, ...trayAt(place)]);
    };
    const work = async (): Promise<WireError[]> => {
      const failures: WireError[] = [];
      for (const [index, attachment] of tray.entries()) {
        if (identity !== session.identity) {
          giveBack(tray.slice(index));
          return failures;
        }
        try {
          await sendOne(conversationId, attachment);
        } catch (error) {
          if (identity !== session.identity) {
            giveBack(tray.slice(index));
            return failures;
          }
          const failure = toWireError(error);
          failures.push(failure);
          if (failure.code === 'file-gone') await forget(attachment, false);
          else unsent.push(attachment);
        }
      }
      giveBack();
      // What was to stand beneath them waits with those that could not be sent.
      if (failures.length === 0) await after();
      return failures;
    };
    const turn = (lanes.get(place) ?? Promise.resolve()).then(work, work).finally(() => {
      leaving.set(
        place,
        (leaving.get(place) ?? []).filter((one) => !tray.includes(one)),
      );
      if (tray.length > 0) void persist(place, conversationId);
    });
    lanes.set(place, turn);
    return turn;
  }

  const keptBefore = ({ file, name, mime, size, url, asFile, original }: KeptTray['files'][number]) => {
    const key = crypto.randomUUID();
    kept.set(key, Promise.resolve(file));
    ids.set(key, file);
    const picture = isPicture({ name, type: mime });
    const about = {
      key,
      name,
      type: mime,
      size,
      source: url,
      isPicture: picture,
      preview: picture ? url : '',
    };
    return { ...about, asFile, original };
  };
  /** What main keeps goes back into its trays; into one alone when its other window is closed. */
  async function recall(only?: ConversationId): Promise<void> {
    const { identity } = session;
    const trayList = await call('media:trays');
    if (identity !== session.identity) return;
    if (only !== undefined) letGo(placeOf(only));
    for (const { conversationId, files } of trayList) {
      if (only !== undefined && only !== conversationId) continue;
      const place = placeOf(conversationId);
      const here = [...(leaving.get(place) ?? []), ...trayAt(place)].map(({ key }) => ids.get(key));
      const back = files.filter(({ file }) => !here.includes(file)).map(keptBefore);
      const isOnlyHere = trayAt(place).length > 0;
      set(place, [...back, ...trayAt(place)]);
      if (isOnlyHere) void persist(place, conversationId);
    }
  }
  watch(
    () => session.identity,
    (identity) => {
      const { accountKey } = session;
      if (identity === null || accountKey === null || recalled.has(accountKey)) return;
      recalled.add(accountKey);
      recall().catch(() => recalled.delete(accountKey));
    },
    { immediate: true },
  );

  /** What main keeps for it already, out of the main window: behind what lies there, and seen by whoever looks. */
  function takeOver({ conversationId, files }: KeptTray): void {
    const place = placeOf(conversationId);
    const here = new Set(trayAt(place).map(({ key }) => ids.get(key)));
    set(place, [...trayAt(place), ...files.filter(({ file }) => !here.has(file)).map(keptBefore)]);
    void persist(place, conversationId);
  }

  /** Forgets a tray here; what main keeps of it stays. */
  function letGo(place: Place): void {
    for (const { key, preview } of trayAt(place)) {
      if (preview !== '') URL.revokeObjectURL(preview);
      forgetMade(key);
    }
    trays.delete(place);
  }
  /** From now on it is in another window. Fails where a file cannot be kept. */
  async function release(conversationId: ConversationId): Promise<void> {
    const place = placeOf(conversationId);
    if (trayAt(place).length === 0) return;
    await Promise.all(trayAt(place).map(keep));
    await persist(place, conversationId);
    letGo(place);
  }

  /** Forgets the trays whose account is not signed in any more; main forgets what it had staged for them. */
  function clear(running: ReadonlySet<string>): void {
    for (const place of [...trays.keys()]) {
      if (running.has(place.slice(0, place.indexOf('|')))) continue;
      letGo(place);
      lanes.delete(place);
      leaving.delete(place);
    }
    for (const account of [...recalled]) if (!running.has(account)) recalled.delete(account);
  }
  watch(
    () => accounts.running,
    (running) => clear(new Set(running.map(({ key }) => key))),
  );
  onScopeDispose(() => clear(new Set()));

  return {
    trayOf: (conversationId: ConversationId) => trayAt(placeOf(conversationId)),
    add,
    addFolder,
    giveUpFolder: (id: string) => call('media:discard', { files: [id] }),
    remove,
    change,
    rememberOriginal,
    /** Bytes of what is sent in the place of a picture; nothing while it is not known, or where it goes as it is. */
    sizeAfter: ({ key, asFile, original }: Attachment) => (asFile || original ? undefined : smaller.get(key)),
    move,
    send,
    recall,
    release,
    takeOver,
    goesAsIs,
  };
});
