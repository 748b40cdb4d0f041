import { onScopeDispose, shallowReactive, watch } from 'vue';
import { defineStore } from 'pinia';
import type { Preparable, PreparedMedia } from '#protocol/ipc';
import { call } from '../bridge.ts';
import { makeReady } from '../lib/media/picture-workshop.ts';
import { prepareVideo } from '../lib/media/video.ts';
import { useMessagesStore } from './messages.ts';
import { useSessionStore } from './session.ts';

/** A film that an earlier run left is read as a whole to get a picture out of it; larger ones go without. Bytes. */
const LARGEST_LEFT_FILM = 64 * 1024 * 1024;

type Made = PreparedMedia | null;
type Kind = Preparable['kind'];

/** Makes ready what waits for it in the outbox, chosen just now or left by an earlier run. */
export const usePreparationsStore = defineStore('preparations', () => {
  const session = useSessionStore();
  const messages = useMessagesStore();
  /** Messages whose files are being made ready. */
  const underWay = new Set<string>();
  /** Addresses of what is seen of a file meanwhile, by its staged id. */
  const looks = shallowReactive(new Map<string, string>());

  async function prepare(file: File, kind: Kind, original: boolean): Promise<Made> {
    if (kind === 'video') {
      const film = await prepareVideo(file).catch(() => null);
      if (film === null) return null;
      const { poster, ...facts } = film;
      return { ...facts, ...(poster === null ? {} : { small: await bytesOf(poster) }) };
    }
    const picture = await makeReady(file, original);
    if (picture === null) return null;
    const { width, height, preview, thumb } = picture;
    return {
      ...{ width, height, preview },
      ...(picture.file === null ? {} : { file: await bytesOf(picture.file) }),
      ...(thumb === null ? {} : { small: await bytesOf(thumb) }),
    };
  }

  /** Hands what was made to the outbox. @param work gives it; when it fails, what main keeps is tried. */
  async function finish(waiting: Preparable, work: () => Promise<Made>): Promise<void> {
    const { messageId } = waiting;
    if (underWay.has(messageId)) return;
    underWay.add(messageId);
    try {
      const made = (await work().catch(() => null)) ?? (await prepareKept(waiting));
      const message = await call('preparations:finish', { messageId, made });
      if (message !== null) messages.adopt(message);
    } finally {
      underWay.delete(messageId);
    }
  }

  async function prepareKept({ messageId, kind, preparation, name, mime, size }: Preparable): Promise<Made> {
    const nothing = { width: 0, height: 0, preview: '' };
    if (kind === 'video' && size > LARGEST_LEFT_FILM) return nothing;
    const bytes = await call('preparations:read', { messageId });
    const file = new File([new Uint8Array(bytes)], name, { type: mime });
    return prepare(file, kind, preparation === 'keep');
  }

  async function finishAll(): Promise<void> {
    for (const waiting of await call('preparations:list')) {
      // One that fails waits for the next time; it holds up nothing but its own conversation.
      await finish(waiting, () => prepareKept(waiting)).catch(() => undefined);
    }
  }
  /** Makes ready what nobody is at: of an earlier run, of a window that was closed, of a time when the disk was full. */
  const takeUp = (): void => void finishAll().catch(() => undefined);
  watch(
    () => session.identity,
    (identity) => {
      if (identity !== null) takeUp();
    },
    { immediate: true },
  );
  watch(
    () => session.storage,
    (storage) => {
      if (storage === 'ok' && session.identity !== null) takeUp();
    },
  );

  function show(stageId: string, address: string): void {
    looks.set(stageId, address);
  }
  /** No message shows it any more; its address is good still. */
  function hide(stageId: string): string | undefined {
    const address = looks.get(stageId);
    looks.delete(stageId);
    return address;
  }
  function forget(stageId: string): void {
    const address = hide(stageId);
    if (address !== undefined) URL.revokeObjectURL(address);
  }
  onScopeDispose(() => [...looks.keys()].forEach(forget));

  return {
    prepare,
    finish,
    takeUp,
    show,
    hide,
    forget,
    lookOf: (stageId: string | null) => looks.get(stageId ?? ''),
  };
});

async function bytesOf(file: File): Promise<NonNullable<PreparedMedia['file']>> {
  return { name: file.name, mime: file.type, bytes: new Uint8Array(await file.arrayBuffer()) };
}
