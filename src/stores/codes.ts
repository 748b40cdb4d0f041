import { computed, shallowRef, watch } from 'vue';
import { defineStore } from 'pinia';
import { parseLink, type Link } from '#protocol/link';
import { call } from '../bridge.ts';
import { useSessionStore } from './session.ts';

/** Whose code is shown. */
export type CodeSubject = Pick<Link, 'kind' | 'id' | 'name'> & { avatars: readonly string[] };

/** Codes and links: what is shown, whether somebody scans, and where a link that was met leads. */
export const useCodesStore = defineStore('codes', () => {
  const session = useSessionStore();
  const shown = shallowRef<CodeSubject | null>(null);
  const scanning = shallowRef(false);
  const followed = shallowRef<Link | null>(null);

  watch(
    () => session.identity,
    () => {
      shown.value = null;
      scanning.value = false;
      followed.value = null;
    },
  );

  /** False when the text is no link of ours. */
  function follow(text: string): boolean {
    const link = parseLink(text);
    if (link === null) return false;
    scanning.value = false;
    followed.value = link;
    return true;
  }

  return {
    shown: computed(() => shown.value),
    scanning: computed(() => scanning.value),
    followed: computed(() => followed.value),
    /** The chosen server, as codes and links name it. */
    server: computed(() => (session.session.phase === 'signed-in' ? session.session.server.origin : '')),
    show: (subject: CodeSubject) => void (shown.value = subject),
    hide: () => void (shown.value = null),
    scan: () => void (scanning.value = true),
    stopScanning: () => void (scanning.value = false),
    follow,
    /** The link was dealt with. */
    arrive: () => void (followed.value = null),
    readClipboard: () => call('codes:read-clipboard'),
    captureScreens: () => call('codes:capture-screens'),
  };
});
