/** Fifty people with accounts, and what the app under measure knows of its conversations with them. */
import type { Page } from '@playwright/test';
import { PASSWORD } from '../../e2e/person.ts';
import { PlainClient, type PlainAccount } from '../../helpers/plain-egg-im/plain-client.ts';

export const SENDERS = 50;
export const READER = 'reader01';
/** No limits: what is measured is how fast it goes. */
export const LIMITS = ['requests', 'sends'].flatMap((what) => [`--${what}-per-second`, '0']);

export const senderName = (index: number) => `sender${String(index).padStart(2, '0')}`;

/** Registers them and makes each of them a friend of the reader. */
export async function crowd(origin: string): Promise<{ reader: PlainAccount; senders: PlainAccount[] }> {
  const client = new PlainClient(origin);
  const reader = await client.register(READER, PASSWORD);
  const senders: PlainAccount[] = [];
  for (let index = 0; index < SENDERS; index++) {
    const sender = await client.register(senderName(index), PASSWORD);
    await client.befriend(sender, reader);
    senders.push(sender);
  }
  return { reader, senders };
}

/**
 * Resolves with the time at which the window has been told of the last message of every conversation, and has drawn it; with
 * a state given, when all of them are in that state.
 */
export function allShown(page: Page, lasts: readonly string[], state: string | null = null): Promise<number> {
  return page.evaluate(
    ({ texts, wanted }) => {
      type Row = { preview: { status: string; content: { text: string } } | null };
      const bridge = Reflect.get(window, 'magpie') as {
        on(channel: string, listener: (changes: { conversations: Row[] }) => void): () => void;
      };
      const missing = new Set(texts);
      return new Promise<number>((resolve) => {
        const off = bridge.on('history:changed', ({ conversations }) => {
          for (const { preview } of conversations)
            if (preview !== null && (wanted === null || preview.status === wanted))
              missing.delete(preview.content.text);
          if (missing.size > 0) return;
          off();
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(Date.now())));
        });
      });
    },
    { texts: lasts, wanted: state },
  );
}

/** Numbers that the server has given in all conversations, and how many of their messages are on this machine. */
export function standing(page: Page): Promise<{ total: number; here: number }> {
  return page.evaluate(async () => {
    const bridge = Reflect.get(window, 'magpie') as {
      invoke(channel: string, input?: object): Promise<{ value: unknown }>;
    };
    const list = (await bridge.invoke('conversations:list')).value as { conversations: { id: string }[] };
    const sum = { total: 0, here: 0 };
    for (const { id: conversationId } of list.conversations) {
      const answer = await bridge.invoke('conversations:completeness', { conversationId });
      const one = answer.value as { total: number; here: number; tellable: boolean };
      if (!one.tellable) continue;
      sum.total += one.total;
      sum.here += one.here;
    }
    return sum;
  });
}
