/** What a server says in a group by itself, read from its sentences, so that the window can say it in its own language. */
export type GroupNotice =
  | { kind: 'created'; name: string }
  | { kind: 'renamed'; group: string }
  | { kind: 'announced'; text: string }
  | { kind: 'dissolved' }
  | { kind: 'left'; name: string }
  /** `inviter` is null where somebody came by themselves, or was let in by the owner. */
  | { kind: 'joined'; name: string; inviter: string | null }
  | { kind: 'asked'; name: string; inviter: string | null; group: string };

const SENTENCES: readonly { sentence: RegExp; read: (parts: string[]) => GroupNotice }[] = [
  {
    sentence: /^(.+)创建了一个群，大家可以开始聊天了$/su,
    read: ([name]) => ({ kind: 'created', name: name! }),
  },
  { sentence: /^群名称修改为：(.+)$/su, read: ([group]) => ({ kind: 'renamed', group: group! }) },
  { sentence: /^\[公告\]\s+(.+)$/su, read: ([text]) => ({ kind: 'announced', text: text!.trim() }) },
  { sentence: /^群主于 .+ 解散了该群$/su, read: () => ({ kind: 'dissolved' }) },
  // The time is as the server prints it, and beside the message anyway.
  { sentence: /^(.+)于 [^于]+ 已退出群聊$/su, read: ([name]) => ({ kind: 'left', name: name! }) },
  {
    sentence: /^(?:\[(.+)\]邀请 )?\[(.+)\] 加入了群聊$/su,
    read: ([inviter, name]) => ({ kind: 'joined', name: name!, inviter: inviter ?? null }),
  },
  {
    sentence: /^请处理申请 (?:\[(.+)\]邀请 )?\[(.+)\] 加入了群\[(.+)\]$/su,
    read: ([inviter, name, group]) => ({
      kind: 'asked',
      name: name!,
      inviter: inviter ?? null,
      group: group!,
    }),
  },
];

const ANSWERED = /^系统根据您设置的问答数据，挑选了最接近的答案，回复给对方，回复内容是：\s*(.+)$/su;

/** What was answered in one's own name while one was away (N13); null for every other text. */
export function readAnsweredForMe(text: string): string | null {
  return ANSWERED.exec(text)?.[1] ?? null;
}

/** Null for a sentence that is not known: it is shown as it came. */
export function readGroupNotice(text: string): GroupNotice | null {
  for (const { sentence, read } of SENTENCES) {
    const match = sentence.exec(text);
    if (match !== null) return read(match.slice(1));
  }
  return null;
}
