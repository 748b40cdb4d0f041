/** What the QR code of a person or a group says (E39). */
import type { AccountRecord } from '../storage/records.ts';
import { displayName } from './account-views.ts';
import type { DomainContext } from './context.ts';
import { Refusal } from './refusal.ts';

export interface CodeRequest {
  chatType: 'single' | 'group';
  /** Account or group. */
  id: number;
  /** Address of the web client for the web form; empty for the app form. */
  webClient: string;
}

export interface Codes {
  /** The text to encode. */
  textFor(caller: AccountRecord, request: CodeRequest): Promise<string>;
}

export function codeRules({ storage }: DomainContext): Codes {
  /** Members hand out the code of their group; who waits or was muted is none. */
  async function codeOfGroup(caller: AccountRecord, id: number, webClient: string): Promise<string> {
    const group = await storage.groups.byId(id);
    const own = group?.status === 1 ? await storage.groups.member(id, caller.id) : undefined;
    if (group === undefined || own?.status !== 1) throw new Refusal('群不存在或被封禁或者您不在该群聊中');
    const { name } = group;
    if (webClient === '') return JSON.stringify({ id, name });
    return webForm(webClient, { title: encodeURIComponent('群介绍'), chatType: 'group', id, name });
  }

  async function codeOfPerson(id: number, webClient: string): Promise<string> {
    const account = await storage.accounts.byId(id);
    if (account?.status !== 1) throw new Refusal('用户不存在或被封禁');
    const name = displayName(account);
    // The original cannot make this one; the kind tells it from the code of a group (quirk Q15).
    if (webClient === '') return JSON.stringify({ id, name, chatType: 'single' });
    const title = encodeURIComponent(`加用户[${name}]为好友`);
    return webForm(webClient, { title, chatType: 'single', id, name, avatar: account.avatar });
  }

  return {
    textFor: (caller, { chatType, id, webClient }) =>
      chatType === 'group' ? codeOfGroup(caller, id, webClient) : codeOfPerson(id, webClient),
  };
}

function webForm(
  webClient: string,
  target: { title: string; chatType: string; id: number; name: string; avatar?: string },
): string {
  const { title, chatType, id, name, avatar } = target;
  const picture = avatar === undefined ? '' : `&avatar=${readable(avatar)}`;
  const query = `action=autoAddGroup&title=${title}&id=${id}&chatType=${chatType}&name=${readable(name)}${picture}`;
  return `${webClient}#/pages/setpageInfo/setpageInfo?${query}`;
}

/** As it is, which old clients expect, but for the characters that would end it (quirk Q15). */
function readable(text: string): string {
  return text.replace(/[%&#+?=\s]/gu, encodeURIComponent);
}
