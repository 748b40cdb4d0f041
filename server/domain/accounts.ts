/** Registering, signing in and the own profile (sections 3.6 and 5.1). */
import { v4 as uuid } from 'uuid';
import { DEFAULT_AVATAR } from '../files/default-images.ts';
import type { AccountRecord, DeviceDetails, Role } from '../storage/records.ts';
import { DuplicateKeyError } from '../storage/storage.ts';
import type { UnitOfWork } from '../storage/storage.ts';
import { foundAccount, profileView, publicProfile, signedInAccount } from './account-views.ts';
import type { ConnectNotices } from './connect-notices.ts';
import type { DomainContext } from './context.ts';
import { useFileAsAvatar } from './file-uses.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { Refusal } from './refusal.ts';
import type { Caller, Device, Sessions, SignInPlace } from './sessions.ts';
import { changeOf } from './changes.ts';
import { changeOfAll } from './group-posting.ts';
import { Allowances, LoginGuard } from './throttle.ts';
import { checkUserset } from './userset.ts';

const NAME_TAKEN = '该账号已存在，请换一个账号注册';
const NO_ACCOUNT = '账号不存在或者被禁用';
const NO_DEVICE: DeviceDetails = { uniplatform: '', devicemodel: '', deviceos: '', devicebrand: '' };

export interface Credentials {
  username: string;
  password: string;
  /** Address of the caller, for the limits. */
  address: string;
  /** Device that the client named. */
  device: Device;
}

export type SignedIn = ReturnType<typeof signedInAccount>;

export type Accounts = ReturnType<typeof accountRules>;

export function accountRules(
  context: DomainContext,
  sessions: Sessions,
  notices: Pick<ConnectNotices, 'profileChanged'>,
) {
  const { storage, bus, tokens, config, now } = context;
  const guard = new LoginGuard({ freeAttempts: config.freeLoginAttempts, now });
  const registrations = new Allowances({
    perSecond: config.registrationsPerMinute / 60,
    burst: config.registrationsPerMinute,
    now,
  });

  /** One password tried on many accounts is guessing too, and every try costs a slow hash. */
  const logins = new Allowances({
    perSecond: config.loginsPerMinute / 60,
    burst: config.loginsPerMinute,
    now,
  });

  /** Signs in an account that has proved itself; part of the caller's unit. */
  async function enter(unit: UnitOfWork, id: number, role: Role, place: SignInPlace): Promise<SignedIn> {
    await unit.accounts.touchLogin(id, now());
    const account = await unit.accounts.byId(id);
    if (account === undefined || account.status !== 1) throw new Refusal(NO_ACCOUNT);
    const token = await tokens.sign({ id, role });
    await sessions.begin(unit, id, token, place);
    return signedInAccount(account, role, token);
  }

  async function insert(
    unit: UnitOfWork,
    account: { username: string; passwordHash: string; role: Role; deviceId: string; details: DeviceDetails },
  ): Promise<AccountRecord> {
    const { details, ...rest } = account;
    return unit.accounts.insert({ ...rest, ...details, uuid: uuid(), avatar: DEFAULT_AVATAR, now: now() });
  }

  /** Name or picture changed: everybody who sees them has to hear of it. */
  async function announceProfile(unit: UnitOfWork, id: number): Promise<void> {
    for (const ownerId of await unit.contacts.ownersOf(id)) await changeOf(unit, bus, ownerId, 'contacts');
    for (const conversationId of await unit.changes.singleConversations(id)) {
      for (const memberId of await unit.changes.members(conversationId)) {
        if (memberId !== id) await changeOf(unit, bus, memberId, 'conversation', { conversationId });
      }
    }
    for (const groupId of await unit.groups.idsOf(id)) {
      const group = await unit.groups.byId(groupId);
      if (group !== undefined) await changeOfAll(unit, bus, group, 'group');
    }
  }

  function setShown(caller: AccountRecord, field: 'nickname' | 'avatar', value: string): Promise<void> {
    return storage.write(async (unit) => {
      await unit.accounts.setField(caller.id, field, value, now());
      if (field === 'avatar') await useFileAsAvatar(unit, caller.id, value);
      await announceProfile(unit, caller.id);
      unit.afterCommit(() => notices.profileChanged(caller.id, field));
    });
  }

  async function registerAccount(credentials: Credentials, deviceId: string): Promise<SignedIn> {
    const { username, password, address, device } = credentials;
    const place = { device, guestDeviceId: deviceId };
    registrations.take(address);
    if ((await storage.accounts.byUsername(username)) !== undefined) throw new Refusal(NAME_TAKEN);
    const passwordHash = await hashPassword(password);
    try {
      return await storage.write(async (unit) => {
        const known = await unit.accounts.byDevice(deviceId);
        if (known === undefined) {
          const account = { username, passwordHash, role: 'user' as const, deviceId: '', details: NO_DEVICE };
          const { id } = await insert(unit, account);
          return enter(unit, id, 'user', place);
        }
        // Documented: the account of this device is renamed in place and keeps its id (quirk Q7).
        if (known.status !== 1) throw new Refusal(NO_ACCOUNT);
        await unit.accounts.register(known.id, username, passwordHash, now());
        await announceProfile(unit, known.id);
        return enter(unit, known.id, 'user', place);
      });
    } catch (error) {
      if (error instanceof DuplicateKeyError) throw new Refusal(NAME_TAKEN);
      throw error;
    }
  }

  /** Checks name and password, and how often that was tried. */
  async function verify(credentials: Omit<Credentials, 'device'>): Promise<AccountRecord> {
    const { username, password, address } = credentials;
    const key = `${address} ${username.toLowerCase()}`;
    guard.check(key);
    logins.take(address);
    guard.failed(key);
    const account = await storage.accounts.byUsername(username);
    const known = account !== undefined && account.status === 1;
    const right = await verifyPassword(known ? account.passwordHash : undefined, password);
    if (!known) throw new Refusal(NO_ACCOUNT);
    if (!right) throw new Refusal('账户或密码错误');
    guard.succeeded(key);
    return account;
  }

  async function login(credentials: Credentials, deviceId: string): Promise<SignedIn> {
    const account = await verify(credentials);
    const place = { device: credentials.device, guestDeviceId: deviceId };
    return storage.write((unit) => enter(unit, account.id, 'user', place));
  }

  return {
    register: (credentials: Credentials) => registerAccount(credentials, ''),
    registerOnDevice: registerAccount,
    login: (credentials: Credentials) => login(credentials, ''),
    loginOnDevice: login,
    verify,
    exists: async (username: string): Promise<boolean> =>
      (await storage.accounts.byUsername(username)) !== undefined,
    /** An active one; asked at every request of the console. */
    isAdministrator: async (accountId: number): Promise<boolean> =>
      (await storage.admin.administrators()).includes(accountId),
    logout: (caller: Caller) => sessions.end(caller),

    /** Enters with nothing but a device id (E4); a registered account comes in with the rights of a visitor. */
    async enterAsGuest(
      deviceId: string,
      details: DeviceDetails,
      { address, device }: { address: string; device: Device },
    ): Promise<SignedIn> {
      const place = { device, guestDeviceId: deviceId };
      const known = await storage.accounts.byDevice(deviceId);
      if (known === undefined) registrations.take(address);
      return storage.write(async (unit) => {
        const account = await unit.accounts.byDevice(deviceId);
        if (account !== undefined) {
          if (account.status !== 1) throw new Refusal(NO_ACCOUNT);
          // Like the original, the answer still shows the details of the time before.
          const signedIn = await enter(unit, account.id, 'visitor', place);
          await unit.accounts.setDevice(account.id, details, now());
          return signedIn;
        }
        const username = await freeGuestName(unit, deviceId);
        // No password at all: the original's random six digits could be guessed.
        const guest = { username, passwordHash: '', role: 'visitor' as const, deviceId, details };
        const { id } = await insert(unit, guest);
        return enter(unit, id, 'visitor', place);
      });
    },

    /** Null when there is no active account with this public id. */
    async profile(publicId: string) {
      const account = await storage.accounts.byUuid(publicId);
      if (account === undefined || account.status !== 1) return null;
      return publicProfile(account, await storage.accounts.profile(account.id));
    },

    async search(caller: AccountRecord, keyword: string) {
      return (await storage.accounts.search(keyword, caller.id)).map(foundAccount);
    },

    async setUserset(caller: AccountRecord, userset: string): Promise<void> {
      checkUserset(userset);
      if (caller.status !== 1) throw new Refusal('用户不存在，无法修改信息');
      await storage.write((unit) => unit.accounts.setField(caller.id, 'userset', userset, now()));
    },

    /** One field per call (E12). Returns the sentence to answer; empty for a field nobody knows (quirk Q23). */
    async setField(caller: AccountRecord, field: string, value: string): Promise<string> {
      switch (field) {
        case 'username':
          throw new Refusal('账号不可修改');
        case 'nickname':
          if (value.length > 30) throw new Refusal('昵称长度不能超过30个字符');
          await setShown(caller, 'nickname', value);
          return '修改昵称成功';
        case 'avatar':
          if (value.length > 1000) throw new Refusal('头像地址过长不能超过1000个字符');
          await setShown(caller, 'avatar', value);
          return '头像更新成功';
        case 'invite_confirm':
          if (value !== '0' && value !== '1') throw new Refusal('添加我为好友设置值错误');
          await storage.write((unit) => unit.accounts.setInviteConfirm(caller.id, Number(value), now()));
          return '设置成功';
        default:
          return '';
      }
    },

    async setPassword(
      caller: AccountRecord,
      passwords: { old: string; new: string; again: string },
      address: string,
    ): Promise<void> {
      if (passwords.new !== passwords.again) throw new Refusal('新密码与确认新密码不一致');
      if (caller.status !== 1) throw new Refusal('用户不存在，无法修改密码');
      const key = `${address} ${caller.username.toLowerCase()}`;
      guard.check(key);
      guard.failed(key);
      if (!(await verifyPassword(caller.passwordHash, passwords.old))) {
        throw new Refusal('原始密码错误，无法修改密码');
      }
      guard.succeeded(key);
      const passwordHash = await hashPassword(passwords.new);
      await storage.write((unit) => unit.accounts.setPassword(caller.id, passwordHash, now()));
    },

    /** Profile part of a friend's card (E19). */
    async profileOf(accountId: number) {
      return profileView(await storage.accounts.profile(accountId));
    },
  };
}

/** `VIS` and the start of the device id; longer when two devices start alike, which the original answers with a 500. */
async function freeGuestName(unit: UnitOfWork, deviceId: string): Promise<string> {
  for (const length of [8, 13, 18, 23, 36]) {
    const name = `VIS${deviceId.slice(0, length)}`;
    if ((await unit.accounts.byUsername(name)) === undefined) return name;
  }
  return `VIS${uuid()}`;
}
