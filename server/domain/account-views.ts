/** Accounts as they appear on the wire (section 3.3). The order of the fields is that of the recorded answers. */
import type { AccountRecord, ProfileRecord, Role } from '../storage/records.ts';
import { isoSeconds, isoTime, localTime } from './times.ts';

/** Name that others see when they gave no alias. */
export function displayName(account: { nickname: string; username: string }): string {
  return account.nickname === '' ? account.username : account.nickname;
}

/** Answer of the six account endpoints. */
export function signedInAccount(account: AccountRecord, role: Role, token: string) {
  return {
    create_time: localTime(account.createTime),
    id: account.id,
    uuid: account.uuid,
    username: account.username,
    nickname: account.nickname,
    avatar: account.avatar,
    devicefingeruuid: account.deviceId,
    uniplatform: account.uniplatform,
    devicemodel: account.devicemodel,
    deviceos: account.deviceos,
    devicebrand: account.devicebrand,
    userset: account.userset,
    invite_confirm: account.inviteConfirm,
    mobile: null,
    email: null,
    status: account.status,
    last_login: isoTime(account.lastLogin),
    last_login_ip: null,
    register_time: isoSeconds(account.registerTime),
    register_ip: null,
    is_deleted: 0,
    wechat_openid: null,
    qq_openid: null,
    weibo_uid: null,
    role,
    is_email_verified: 0,
    is_mobile_verified: 0,
    order: 50,
    update_time: isoSeconds(account.updateTime),
    token,
  };
}

export function foundAccount(account: AccountRecord) {
  const { id, username, avatar, role, uuid, nickname } = account;
  return { id, username, avatar, role, uuid, nickname };
}

export function publicProfile(account: AccountRecord, profile: ProfileRecord | undefined) {
  const { id, uuid, username, nickname, avatar, role, userset } = account;
  return { id, uuid, username, nickname, avatar, role, userset, userinfo: profileView(profile) };
}

export function profileView(profile: ProfileRecord | undefined) {
  if (profile === undefined) return null;
  const { id, gender, birthday, bio, location, website } = profile;
  return { id, gender, birthday, bio, location, website };
}
