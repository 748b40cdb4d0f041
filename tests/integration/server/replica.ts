/** A client reduced to what catching up is about: it keeps what `sync` and `history` told it, and nothing else. */
import type { z } from 'zod';
import { wireHistoryAnswer, wireSyncAnswer } from '#protocol/wire/sync';
import type { WireChange, wireConversationState } from '#protocol/wire/sync';
import type { Frame, PlainAccount, PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';

type State = z.infer<typeof wireConversationState>;
interface Kept {
  id: string;
  data: unknown;
  recalled: boolean;
}

export class Replica {
  readonly account: PlainAccount;
  client: PlainClient;
  cursor: number | undefined;
  resets = 0;
  states = new Map<number, State>();
  messages = new Map<number, Map<number, Kept>>();

  constructor(client: PlainClient, account: PlainAccount) {
    this.client = client;
    this.account = account;
  }

  clone(): Replica {
    const copy = new Replica(this.client, this.account);
    copy.cursor = this.cursor;
    copy.states = structuredClone(this.states);
    copy.messages = structuredClone(this.messages);
    return copy;
  }

  async sync(limit = 3): Promise<void> {
    for (let more = true; more;) {
      const cursor = this.cursor === undefined ? '' : `cursor=${this.cursor}&`;
      const answer = wireSyncAnswer.parse(await this.#get(`sync?${cursor}limit=${limit}`));
      if (answer.reset) this.resets++;
      for (const change of answer.changes as WireChange[]) await this.#apply(change, limit);
      this.cursor = answer.cursor;
      more = answer.more;
    }
  }

  /** What a person would see, as text. */
  shown(): string {
    const byNumber = <Value>(map: Map<number, Value>): [number, Value][] =>
      [...map].sort(([one], [other]) => one - other);
    return JSON.stringify(
      byNumber(this.states).map(([id, state]) => [state, byNumber(this.messages.get(id) ?? new Map())]),
      null,
      1,
    );
  }

  /** A message frame that continues what is known is taken as it is. */
  takeFrame(frame: Frame): boolean {
    const { seq, from_id, to_id, id, data, actionType } = frame;
    if (typeof seq !== 'number' || actionType !== undefined) return false;
    const peer = Number(from_id) === this.account.id ? Number(to_id) : Number(from_id);
    const known = this.messages.get(peer);
    if (known === undefined || known.size + 1 !== seq) return false;
    known.set(seq, { id: String(id), data, recalled: false });
    return true;
  }

  async #apply(change: WireChange, limit: number): Promise<void> {
    if (change.kind === 'contacts') return;
    if (change.kind === 'recall') {
      const kept = this.messages.get(change.id)?.get(change.seq);
      if (kept !== undefined) Object.assign(kept, { data: EMPTY, recalled: true });
      return;
    }
    if (change.kind !== 'conversation') return;
    const { conversation } = change;
    this.states.set(conversation.id, conversation);
    const known = this.messages.get(conversation.id) ?? new Map<number, Kept>();
    this.messages.set(conversation.id, known);
    while (known.size < conversation.head_seq) {
      const address = `history?chatType=single&id=${conversation.id}&after_seq=${known.size}&limit=${limit}`;
      const page = wireHistoryAnswer.parse(await this.#get(address));
      for (const message of page.messages) {
        const { seq, id, data, recalled } = message;
        if (seq !== known.size + 1) throw new Error(`expected ${known.size + 1}, got ${String(seq)}`);
        known.set(seq, { id, data, recalled: recalled === true });
      }
    }
  }

  #get(address: string): Promise<unknown> {
    return this.client.data('GET', `/api/chat/${address}`, { token: this.account.token });
  }
}

export const EMPTY = '{"data":"","dataType":false,"otherData":null}';
