import { describe, expect, it } from 'vitest';
import type { Conversation, ConversationPreview } from '#protocol/model/conversation';
import { cappedCount, previewLine } from './preview.ts';

function conversation(
  preview: Partial<ConversationPreview> | null,
  part: Partial<Conversation> = {},
): Conversation {
  return {
    id: 'single:2',
    kind: 'single',
    name: 'B',
    avatars: [],
    preview:
      preview === null
        ? null
        : {
            content: { kind: 'text', text: 'hello' },
            own: false,
            senderName: 'B',
            status: 'sent',
            recalled: false,
            ...preview,
          },
    lastActivityAt: 0,
    unread: 0,
    pinned: false,
    muted: false,
    strongAlert: false,
    showNicknames: true,
    draft: '',
    link: null,
    ...part,
  };
}

describe('previewLine', () => {
  it('puts a draft before everything', () => {
    expect(previewLine(conversation({}, { draft: ' half\n written ' }))).toEqual({
      kind: 'draft',
      text: 'half written',
    });
    expect(previewLine(conversation({}, { draft: '  \n' })).kind).toBe('text');
  });
  it('names the sender in groups, and never for own messages', () => {
    const group = { kind: 'group', id: 'group:1' } as const;
    expect(previewLine(conversation({}, group))).toMatchObject({ text: 'B: hello' });
    expect(previewLine(conversation({ own: true }, group))).toMatchObject({ text: 'hello' });
    expect(previewLine(conversation({}))).toMatchObject({ text: 'hello' });
  });
  it('shows labels of kinds it cannot draw', () => {
    const content = { kind: 'unsupported', label: '[图片]', text: '' } as const;
    expect(previewLine(conversation({ content }))).toMatchObject({ text: '[图片]' });
  });
  it('says who recalled', () => {
    expect(previewLine(conversation({ recalled: true }))).toEqual({ kind: 'recalled', by: 'B' });
    expect(previewLine(conversation({ recalled: true, own: true }))).toEqual({ kind: 'recalled', by: null });
  });
  it('marks own messages that did not arrive', () => {
    expect(previewLine(conversation({ own: true, status: 'failed' }))).toMatchObject({ state: 'problem' });
    expect(previewLine(conversation({ own: true, status: 'pending' }))).toMatchObject({ state: 'pending' });
  });
  it('bounds the line', () => {
    const content = { kind: 'text', text: 'x'.repeat(20_000) } as const;
    expect(previewLine(conversation({ content }))).toMatchObject({ text: 'x'.repeat(200) });
  });
});

it('caps counts', () => {
  expect(cappedCount(999)).toBe('999');
  expect(cappedCount(1000)).toBe('999+');
  expect(cappedCount(120, 99)).toBe('99+');
});
