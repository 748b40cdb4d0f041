/** The people of one account: contacts, profiles, friendships, and the account's own profile. */
import { MagpieError, toWireError } from '#protocol/errors';
import { displayName, type Account, type AccountId } from '#protocol/model/account';
import type { Contact, FoundAccount, FriendApplication } from '#protocol/model/contact';
import type { Friendship, OwnProfile, Person, StrangerLimit } from '#protocol/model/person';
import { writeUserset } from '#protocol/wire/userset';
import type { Manners, PeopleDialect, Picture, PublicProfile } from '../dialects/people-dialect.ts';
import type { Logger } from '../support/logger.ts';

export interface PeopleOptions {
  dialect: PeopleDialect;
  logger: Logger;
  account(): Account;
  /** Whether the server marks friends in its list and takes a changed alias. */
  canRename(): boolean;
  /** Something about a person changed by our own doing: the window asks again. */
  onChanged(): void;
  onAccount(account: Account): void;
}

/** What is known of somebody whom no server tells about, such as a guest. */
export interface Acquaintance {
  name: string;
  avatar: string;
}

interface PersonQuery {
  accountId: AccountId;
  uuid?: string;
}

export type People = ReturnType<typeof createPeople>;

export function createPeople(options: PeopleOptions) {
  const { dialect } = options;
  const log = options.logger.module('people');
  /** Names and pictures that were seen, for conversations that begin without a message. */
  const met = new Map<AccountId, Acquaintance>();
  let contacts: readonly Contact[] | null = null;

  const remember = (accountId: AccountId, name: string, avatar: string) =>
    met.set(accountId, { name, avatar });

  const isGuest = () => options.account().role === 'visitor';

  async function listContacts(): Promise<Contact[]> {
    const list = await dialect.listContacts();
    contacts = list;
    for (const { accountId, name, avatar } of list) remember(accountId, name, avatar);
    return list;
  }

  /** My row about somebody: as the list has it, and what only the row itself tells. */
  async function friendshipWith(accountId: AccountId): Promise<Friendship | null> {
    const [list, flags] = await Promise.all([
      // A guest's contacts are nobody's business but the server's: it does not list them.
      isGuest() ? [] : listContacts(),
      dialect.friendFlags(accountId),
    ]);
    const row = list.find((contact) => contact.accountId === accountId);
    if (flags === null && row === undefined) return null;
    return {
      alias: row?.alias ?? flags?.alias ?? '',
      aliasEditable: options.canRename(),
      starred: flags?.starred ?? (options.canRename() ? (row?.starred ?? null) : null),
      // Nobody but the blacklist keeps a listed friend's row to itself.
      blocked: flags === null,
      showsMine: flags?.showsMine ?? null,
      showsTheirs: flags?.showsTheirs ?? null,
    };
  }

  const limitFor = (manners: Manners | null): StrangerLimit => {
    if (manners === null) return 'any';
    return isGuest() ? manners.guests : manners.strangers;
  };

  async function person({ accountId, uuid }: PersonQuery): Promise<Person> {
    const own = options.account();
    const [friendship, manners] = await Promise.all([
      accountId === own.id ? null : friendshipWith(accountId),
      dialect.manners(accountId),
    ]);
    const listed = contacts?.find((contact) => contact.accountId === accountId);
    const publicId = uuid || manners?.uuid || listed?.uuid || (accountId === own.id ? own.uuid : '');
    const profile = publicId === '' ? null : await dialect.profile(publicId);
    // A public id and an account that do not belong together: the account is what was asked about.
    const known = profile?.accountId === accountId ? profile : null;
    const alias = friendship?.alias ?? '';
    const shown = known ?? strangerOf(accountId, publicId, met.get(accountId));
    if (known !== null) remember(accountId, alias || displayName(known), known.avatar);
    return {
      accountId,
      uuid: shown.uuid,
      username: shown.username,
      nickname: shown.nickname,
      name: alias || displayName(shown),
      avatar: shown.avatar,
      role: shown.role,
      location: shown.location,
      bio: shown.bio,
      relation: accountId === own.id ? 'self' : friendship === null ? 'stranger' : 'friend',
      friendship,
      befriending: manners?.confirms === false ? 'at-once' : 'asked',
      limit: limitFor(manners),
    };
  }

  /** The toggles of the wire say nothing of the outcome: only what differs is toggled. */
  async function setStarred(accountId: AccountId, starred: boolean): Promise<void> {
    const flags = await dialect.friendFlags(accountId);
    if (flags === null) throw new MagpieError('not-allowed', 'not a friend, or on the blacklist');
    if (flags.starred !== starred) await dialect.toggleStarred(accountId);
    options.onChanged();
  }

  async function setBlocked(accountId: AccountId, blocked: boolean): Promise<void> {
    const friendship = await friendshipWith(accountId);
    if (friendship === null) throw new MagpieError('not-allowed', 'only friends can be on the blacklist');
    if (friendship.blocked !== blocked) await dialect.toggleBlocked(accountId);
    options.onChanged();
  }

  async function setVisibility(
    accountId: AccountId,
    flags: { showsMine: boolean; showsTheirs: boolean },
  ): Promise<void> {
    await dialect.setVisibility(accountId, flags);
    options.onChanged();
  }

  async function setAlias(accountId: AccountId, alias: string): Promise<void> {
    if (!options.canRename()) throw new MagpieError('not-allowed', 'this server keeps the first alias');
    await dialect.setAlias(accountId, alias);
    options.onChanged();
  }

  async function apply(accountId: AccountId, message: string): Promise<{ outcome: 'applied' | 'friends' }> {
    const answer = await dialect.apply(accountId, message);
    if (answer.outcome === 'friends') options.onChanged();
    return answer;
  }

  /**
   * Somebody turned to a person on purpose: where that person wants no confirmation, both are friends from now on.
   * A failure changes nothing that was asked for.
   */
  async function approach(accountId: AccountId): Promise<void> {
    if (accountId === options.account().id) return;
    try {
      if (!isGuest()) {
        const list = await listContacts();
        if (list.some((contact) => contact.accountId === accountId)) return;
      } else if ((await dialect.friendFlags(accountId)) !== null) return;
      const manners = await dialect.manners(accountId);
      if (manners?.confirms === false) await apply(accountId, '');
    } catch (thrown) {
      log.warn('not-befriended', { code: toWireError(thrown).code });
    }
  }

  async function ownManners(): Promise<Manners> {
    const manners = await dialect.manners(options.account().id);
    if (manners === null) throw new MagpieError('not-allowed', 'guests have no settings');
    return manners;
  }

  /** Asks how the account looks on the server; another device may have changed it. */
  async function refreshOwn(): Promise<void> {
    const own = options.account();
    const profile = await dialect.profile(own.uuid);
    if (profile === null || profile.accountId !== own.id) return;
    const { username, nickname, avatar } = profile;
    if (username === own.username && nickname === own.nickname && avatar === own.avatar) return;
    options.onAccount({ ...own, username, nickname, avatar });
  }

  return {
    listContacts,
    acquaintance: (accountId: AccountId): Acquaintance | undefined => met.get(accountId),
    async searchAccounts(keyword: string): Promise<FoundAccount[]> {
      const found = await dialect.searchAccounts(keyword);
      for (const one of found) {
        if (!met.has(one.accountId)) remember(one.accountId, displayName(one), one.avatar);
      }
      return found;
    },
    apply,
    approach,
    async listApplications(
      page: number,
    ): Promise<{ applications: FriendApplication[]; pendingCount: number }> {
      const list = await dialect.listApplications(page);
      for (const { applicant } of list.applications) {
        if (!met.has(applicant.accountId))
          remember(applicant.accountId, displayName(applicant), applicant.avatar);
      }
      return list;
    },
    async handleApplication(
      id: number,
      decision: 'agree' | 'refuse' | 'ignore',
      alias?: string,
    ): Promise<void> {
      await dialect.handleApplication(id, decision, alias);
      options.onChanged();
    },
    person,
    setStarred,
    setBlocked,
    setVisibility,
    setAlias,
    /** Ends the friendship for both; what happens to the history is the caller's business. */
    async removeFriend(accountId: AccountId): Promise<void> {
      await dialect.removeFriend(accountId);
      options.onChanged();
    },
    refreshOwn,
    async ownProfile(): Promise<OwnProfile> {
      const { confirms, strangers, guests } = await ownManners();
      return { nickname: options.account().nickname, confirmsFriends: confirms, strangers, guests };
    },
    async setNickname(nickname: string): Promise<void> {
      await dialect.changeOwn('nickname', nickname);
      options.onAccount({ ...options.account(), nickname });
    },
    /** Others see it with the next message or, on servers with our extensions, at once. */
    async setAvatar(picture: Picture): Promise<void> {
      await dialect.changeOwn('avatar', await dialect.uploadAvatar(picture));
      await refreshOwn();
    },
    async setConfirmsFriends(confirms: boolean): Promise<void> {
      await dialect.changeOwn('invite_confirm', confirms ? '1' : '0');
    },
    async setLimits(limits: { strangers: StrangerLimit; guests: StrangerLimit }): Promise<void> {
      const { userset } = await ownManners();
      await dialect.saveUserset(writeUserset(userset, limits));
    },
    changePassword: (passwords: { current: string; next: string }) => dialect.changePassword(passwords),
  };
}

/** As much of a profile as there is without a server's word. */
function strangerOf(
  accountId: AccountId,
  uuid: string,
  acquaintance: Acquaintance | undefined,
): PublicProfile {
  const name = acquaintance?.name ?? '';
  return {
    accountId,
    uuid,
    username: name,
    nickname: '',
    avatar: acquaintance?.avatar ?? '',
    role: 'visitor',
    location: '',
    bio: '',
  };
}
