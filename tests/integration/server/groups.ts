/** Calls of the group endpoints, as the reference client makes them. */
import type { Frame, PlainAccount, PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';

export class GroupCalls {
  readonly client: PlainClient;

  constructor(client: PlainClient) {
    this.client = client;
  }

  /** Befriends the founder with all others, founds a group with them and answers its id. */
  async found(founder: PlainAccount, others: readonly PlainAccount[]): Promise<number> {
    for (const other of others) await this.client.befriend(founder, other);
    return this.foundAgain(founder, others);
  }

  /** The same among people who know each other. */
  async foundAgain(founder: PlainAccount, others: readonly PlainAccount[]): Promise<number> {
    const contacts = (await this.#get(founder, 'goodfriendlist/1')) as {
      rows: { newList: { list: { id: number; friend_id: number }[] }[] };
    };
    const rows = contacts.rows.newList.flatMap(({ list }) => list);
    const wanted = new Set(others.map(({ id }) => id));
    const userIds = rows.filter((row) => wanted.has(row.friend_id)).map((row) => row.id);
    await this.post(founder, 'group/create', { userIds });
    const [newest] = (await this.#get(founder, 'grouplist/1?limit=1')) as { id: number }[];
    if (newest === undefined) throw new Error('no group was founded');
    return newest.id;
  }

  async send(from: PlainAccount, groupId: number, text: string, extra: object = {}): Promise<Frame> {
    return (await this.post(from, 'socket/sendmessage', {
      sendto_id: groupId,
      chatType: 'group',
      type: 'text',
      data: { data: text, dataType: false, otherData: null },
      ...extra,
    })) as Frame;
  }

  /** By oneself, or somebody else. */
  join(caller: PlainAccount, groupId: number, accountId = caller.id, reason = ''): Promise<unknown> {
    const inviteuser_id = accountId === caller.id ? -1 : caller.id;
    const json = { group_id: groupId, user_id: accountId, inviteuser_id, addGroupDesc: reason };
    return this.post(caller, 'groupInviteUser', json);
  }

  quit(caller: PlainAccount, groupId: number): Promise<unknown> {
    return this.post(caller, 'groupDeleteOrQuit', { id: groupId });
  }

  remove(owner: PlainAccount, groupId: number, accountId: number): Promise<unknown> {
    return this.post(owner, 'groupDeleteUser', { group_id: groupId, user_id: accountId });
  }

  setPolicy(owner: PlainAccount, groupId: number, addGroupSet: number): Promise<unknown> {
    return this.post(owner, 'groupAddUserSet', { group_id: groupId, addGroupSet });
  }

  decide(owner: PlainAccount, groupId: number, accountId: number, type: 'agree' | 'no'): Promise<unknown> {
    return this.post(owner, 'groupAgreeOrNo', { group_id: groupId, user_id: accountId, type });
  }

  /** What the member sees: number and text of each message, over all pages. */
  async seen(account: PlainAccount, groupId: number, limit = 2): Promise<{ seq: number; text: string }[]> {
    const found: { seq: number; text: string }[] = [];
    for (let after = 0; ;) {
      const address = `history?chatType=group&id=${groupId}&after_seq=${after}&limit=${limit}`;
      const page = (await this.#get(account, address)) as { messages: { seq: number; data: unknown }[] };
      for (const { seq, data } of page.messages) found.push({ seq, text: textOfAny(data) });
      const last = page.messages.at(-1);
      if (last === undefined) return found;
      after = last.seq;
    }
  }

  post(caller: PlainAccount, path: string, json: object): Promise<unknown> {
    return this.client.data('POST', `/api/chat/${path}`, { token: caller.token, json });
  }

  #get(caller: PlainAccount, path: string): Promise<unknown> {
    return this.client.data('GET', `/api/chat/${path}`, { token: caller.token });
  }
}

/** Text of a message or a notice. */
export function textOfAny(data: unknown): string {
  const content = typeof data === 'string' ? (JSON.parse(data) as unknown) : data;
  return (content as { data: string }).data;
}
