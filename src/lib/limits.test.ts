import { describe, expect, it } from 'vitest';
import { invokes, MAX_MESSAGE_LENGTH as CONTRACT_LENGTH } from '#protocol/ipc';
import { LIST_WIDTH, MAX_APPLICATION_MESSAGE, MAX_DRAFT_LENGTH, MAX_MESSAGE_LENGTH } from './limits.ts';

describe('limits', () => {
  it('agree with the contract', () => {
    expect(MAX_MESSAGE_LENGTH).toBe(CONTRACT_LENGTH);
    const draft = invokes['conversations:save-draft'].input;
    const draftOf = (length: number) => ({ conversationId: 'single:1', text: 'x'.repeat(length) });
    expect(draft.safeParse(draftOf(MAX_DRAFT_LENGTH)).success).toBe(true);
    expect(draft.safeParse(draftOf(MAX_DRAFT_LENGTH + 1)).success).toBe(false);
    const settings = invokes['settings:update'].input;
    expect(settings.safeParse({ listWidth: LIST_WIDTH.min }).success).toBe(true);
    expect(settings.safeParse({ listWidth: LIST_WIDTH.max }).success).toBe(true);
    expect(settings.safeParse({ listWidth: LIST_WIDTH.max + 1 }).success).toBe(false);
    const apply = invokes['contacts:apply'].input;
    expect(apply.safeParse({ accountId: 1, message: 'x'.repeat(MAX_APPLICATION_MESSAGE) }).success).toBe(
      true,
    );
    expect(apply.safeParse({ accountId: 1, message: 'x'.repeat(MAX_APPLICATION_MESSAGE + 1) }).success).toBe(
      false,
    );
  });
});
