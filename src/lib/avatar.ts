import { parseConversationId, type ConversationId } from '#protocol/model/conversation';

const TONES = 12;

/** The same person has the same colour everywhere; seeds are account ids or conversation ids. */
export function avatarTone(seed: string | number): number {
  const text = String(seed);
  // Accounts are numbered in order of their coming, and colleagues come together: a step that shares no factor with the
  // number of tones gives twelve in a row twelve different ones.
  if (/^\d{1,15}$/u.test(text)) return ((Number(text) % TONES) * 5) % TONES;
  let hash = 2166136261;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 16777619);
  }
  // Neighbouring ids must not end up in the same few colours, so the bits are mixed before the division.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % TONES;
}

export function avatarInitial(name: string): string {
  const first = [...name.trim()][0];
  return first === undefined ? '?' : first.toLocaleUpperCase();
}

/** For a person the account id, so that list, chat and contacts agree. */
export function conversationSeed(id: ConversationId): string {
  const { kind, peer } = parseConversationId(id);
  return kind === 'single' ? peer : id;
}
