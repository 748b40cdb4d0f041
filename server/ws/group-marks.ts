/** Read marks of groups, gathered: everybody reads a message within seconds, and each of them is news to all others. */
import type { GroupEvent } from '../bus/bus.ts';
import { extensionFrame } from './frames.ts';

/** Milliseconds for which marks of a group are gathered. */
const DELAY = 1000;

export class GroupMarks {
  readonly #tell: (accountId: number, frame: string) => void;
  readonly #gathered = new Map<number, { audience: readonly number[]; marks: Map<number, number> }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (accountId: number, frame: string) => void) {
    this.#tell = tell;
  }

  add({ groupId, accountIds, accountId, readSeq }: GroupEvent & { type: 'member-read' }): void {
    const marks = this.#gathered.get(groupId)?.marks ?? new Map<number, number>();
    this.#gathered.set(groupId, { audience: accountIds, marks: marks.set(accountId, readSeq) });
    this.#timer ??= setTimeout(() => this.#flush(), DELAY);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    const gathered = [...this.#gathered];
    this.#gathered.clear();
    for (const [id, { audience, marks }] of gathered) {
      const list = [...marks].map(([account_id, read_seq]) => ({ account_id, read_seq }));
      const frame = extensionFrame({ type: 'group_read', data: { id, marks: list } });
      for (const accountId of audience) this.#tell(accountId, frame);
    }
  }
}
