/** Groups of a plain server, as far as our client meets them: E25 and E28 to E36 with the notices N1, N4, N5 and N6. */
import { randomUUID } from 'node:crypto';
import { Refusal } from './refusal.ts';

export interface GroupAccount {
  id: number;
  uuid: string;
  username: string;
  nickname: string;
  avatar: string;
  role: 'user' | 'visitor';
}

export interface PlainWorld {
  account(id: number): GroupAccount | undefined;
  /** Queues what cannot be delivered. */
  deliver(id: number, message: object): void;
  now(): number;
}

interface PlainGroup {
  id: number;
  uuid: string;
  user_id: number;
  name: string;
  avatar: string;
  remark: string;
  invite_confirm: number;
  members: number[];
}

type Body = Record<string, unknown>;

export class PlainGroups {
  readonly #groups = new Map<number, PlainGroup>();
  readonly #world: PlainWorld;

  constructor(world: PlainWorld) {
    this.#world = world;
  }

  /** Undefined for a call that is not about groups. */
  call(name: string, argument: string, { account, body }: { account: GroupAccount; body: Body }): unknown {
    switch (name) {
      case 'group':
        return this.#create(account, body['userIds'] as number[]);
      case 'grouplist':
        return [...this.#groups.values()]
          .filter(({ members }) => members.includes(account.id))
          .sort((one, other) => other.id - one.id)
          .map((group) => ({ ...row(group), group_users: [memberRow(group, account)] }));
      case 'groupinfo': {
        const group = this.#groups.get(Number(argument.split('?')[0]));
        if (group === undefined) throw new Refusal('群不存在或被封禁');
        const members = group.members.flatMap((id) => this.#world.account(id) ?? []);
        const users = members.map((user) => ({ ...memberRow(group, user), status: 1, user }));
        return { ...row(group), group_users: users };
      }
      case 'groupDeleteUser': {
        const group = this.#own(account, body['group_id'], '只有群主才能操作');
        // No push at all: the removed member finds out when sending fails.
        group.members = group.members.filter((id) => id !== Number(body['user_id']));
        return '删除群成员成功';
      }
      case 'groupInviteUser':
        return this.#join(account, body);
      case 'groupDeleteOrQuit':
        return this.#quit(account, Number(body['id']));
      default:
        return undefined;
    }
  }

  /** E25 for `chatType` group. The sender gets no frame. */
  send(from: GroupAccount, body: Body): object {
    const group = this.#groups.get(Number(body['sendto_id']));
    if (group === undefined) throw new Refusal('群不存在或者已解散或者被封禁，无法发消息');
    if (!group.members.includes(from.id)) throw new Refusal('您不在群里，无法发消息');
    const data = typeof body['data'] === 'string' ? body['data'] : JSON.stringify(body['data']);
    const message = this.#message(group, from, { type: String(body['type']), data });
    for (const id of group.members) if (id !== from.id) this.#world.deliver(id, message);
    return message;
  }

  #create(founder: GroupAccount, contacts: number[]): string {
    const members = [founder.id, ...contacts];
    const names = members.map((id) => this.#world.account(id)?.username ?? '');
    const group: PlainGroup = {
      ...{ id: this.#groups.size + 1, uuid: randomUUID(), user_id: founder.id },
      ...{
        name: names.join('、').slice(0, 50),
        avatar: '/chat/user.jpg',
        remark: '',
        invite_confirm: 0,
        members,
      },
    };
    this.#groups.set(group.id, group);
    this.#notify(group, founder, `${founder.username}创建了一个群，大家可以开始聊天了`, members);
    return 'ok';
  }

  #join(caller: GroupAccount, body: Body): string {
    const group = this.#groups.get(Number(body['group_id']));
    const user = this.#world.account(Number(body['user_id']));
    if (group === undefined) throw new Refusal('群不存在或者被封禁');
    if (user === undefined) throw new Refusal('加群的用户不存在或已被封禁，无法加入群聊');
    if (group.members.includes(user.id)) throw new Refusal('用户已经在群里');
    group.members.push(user.id);
    const key = `redirect-applyAddGroup${group.id}-${user.id}-${this.#world.now()}`;
    const invites = caller.id === user.id ? '' : `[${caller.username}]邀请 `;
    const speaker = { ...user, id: key, username: '加群申请提醒', nickname: '' };
    this.#notify(group, speaker, `${invites}[${user.username}] 加入了群聊`, group.members);
    return '加群成功';
  }

  #quit(account: GroupAccount, id: number): string {
    const group = this.#groups.get(id);
    if (group === undefined) throw new Refusal('群不存在');
    if (!group.members.includes(account.id)) throw new Refusal('你不在该群聊中，操作失败');
    if (group.user_id === account.id) {
      this.#groups.delete(id);
      this.#notify(group, account, '群主于 2026/11/21 17:39:16 解散了该群', group.members);
      return 'ok';
    }
    group.members = group.members.filter((member) => member !== account.id);
    this.#notify(group, account, `${account.username}于 2026/11/21 17:39:16 已退出群聊`, [group.user_id]);
    return 'ok';
  }

  #own(account: GroupAccount, id: unknown, refusal: string): PlainGroup {
    const group = this.#groups.get(Number(id));
    if (group?.user_id !== account.id) throw new Refusal(refusal);
    return group;
  }

  #notify(group: PlainGroup, from: Speaker, text: string, to: readonly number[]): void {
    const data = { data: text, dataType: false, otherData: null };
    const message = this.#message(group, from, { type: 'systemNotice', data });
    for (const id of to) this.#world.deliver(id, message);
  }

  #message(group: PlainGroup, from: Speaker, content: { type: string; data: unknown }): object {
    return {
      id: randomUUID(),
      from_avatar: from.avatar,
      from_name: from.nickname || from.username,
      from_id: from.id,
      to_id: group.id,
      to_name: group.name,
      to_avatar: group.avatar,
      chatType: 'group',
      ...content,
      options: {},
      create_time: this.#world.now(),
      isremove: 0,
      group: row(group),
    };
  }
}

type Speaker = Omit<GroupAccount, 'id'> & { id: number | string };

function row({ members: _members, ...group }: PlainGroup): object {
  return { ...group, status: 1, order: 50, create_time: '2026-11-21 17:39:16' };
}

function memberRow(group: PlainGroup, { id }: GroupAccount): object {
  return { group_id: group.id, user_id: id, nickname: '', avatar: '' };
}
