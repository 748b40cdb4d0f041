import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import { defineStore } from 'pinia';
import { VOICE_SPEEDS } from '#protocol/model/settings';
import type { Message } from '#protocol/model/message';
import { listen } from '../bridge.ts';
import { beginToSound } from '../lib/media/sounding.ts';
import { isGone } from '../lib/message-merge.ts';
import { useMessagesStore } from './messages.ts';
import { useSessionStore } from './session.ts';
import { useSettingsStore } from './settings.ts';

/** The one voice message that is heard: it goes on while the person looks at other conversations. */
export const usePlayerStore = defineStore('player', () => {
  const session = useSessionStore();
  const settings = useSettingsStore();
  const messages = useMessagesStore();
  const audio = new Audio();
  audio.preload = 'auto';
  /** Message that is heard or paused. */
  const current = ref<string | null>(null);
  const playing = ref(false);
  /** Milliseconds. */
  const position = ref(0);
  const speed = computed(() => settings.settings.voiceSpeed);
  const failed = shallowRef<string | null>(null);
  let known = 0;
  /** What is heard, to know what comes after it. */
  let heard: Message | null = null;

  const on = (event: string, listener: () => void): void => audio.addEventListener(event, listener);
  on('play', () => {
    beginToSound(audio);
    playing.value = true;
  });
  on('pause', () => (playing.value = false));
  on('timeupdate', () => (position.value = audio.currentTime * 1000));
  on('ended', () => {
    const next = heard === null ? null : following(heard);
    stop();
    if (next !== null) toggle(next);
  });
  on('error', () => {
    if (current.value === null) return;
    failed.value = current.value;
    stop();
  });

  function stop(): void {
    audio.pause();
    audio.removeAttribute('src');
    current.value = null;
    playing.value = false;
    position.value = 0;
  }

  /** The next voice message of others in the same conversation, as far as it is loaded; own ones are known. */
  function following({ id, own, conversationId }: Message): Message | null {
    if (own) return null;
    const all = messages.stateOf(conversationId).value.messages;
    const at = all.findIndex((message) => message.id === id);
    if (at < 0) return null;
    const isNext = ({ own: mine, recalled, content }: Message) =>
      !mine && !recalled && content.kind === 'voice';
    return all.slice(at + 1).find(isNext) ?? null;
  }

  /** Starts, pauses or goes on; starting one ends the other. */
  function toggle(message: Message): void {
    const { id: messageId, content } = message;
    if (content.kind !== 'voice') return;
    if (current.value === messageId) {
      if (playing.value) audio.pause();
      else void audio.play().catch(() => undefined);
      return;
    }
    stop();
    failed.value = null;
    current.value = messageId;
    heard = message;
    known = content.duration;
    audio.src = content.file.url;
    audio.playbackRate = speed.value;
    void audio.play().catch(() => undefined);
  }

  /** @param share of the whole, 0 to 1 */
  function seek(share: number): void {
    // Recordings that were streamed do not say how long they are: then the sender's word counts.
    const length = Number.isFinite(audio.duration) ? audio.duration : known / 1000;
    if (length <= 0) return;
    audio.currentTime = share * length;
    // The next press of a key counts from here, before the player says that it is there.
    position.value = share * length * 1000;
  }

  function nextSpeed(): void {
    const next = VOICE_SPEEDS[(VOICE_SPEEDS.indexOf(speed.value) + 1) % VOICE_SPEEDS.length] ?? 1;
    // It is heard at once; a setting that cannot be stored is lost with the next start only.
    audio.playbackRate = next;
    void settings.update({ voiceSpeed: next }).catch(() => undefined);
  }

  watch(() => session.identity, stop, { flush: 'sync' });
  onScopeDispose(stop);
  onScopeDispose(
    listen('history:changed', (changes) => {
      if (current.value === null || heard === null || changes.accountKey !== session.accountKey) return;
      // A conversation that leaves the list, cleared or hidden, takes along what could pause it.
      const hasLeft = changes.removedConversations.includes(heard.conversationId);
      if (hasLeft || isGone(current.value, changes)) stop();
    }),
  );
  return { current, playing, position, speed, failed, toggle, seek, nextSpeed, stop };
});
