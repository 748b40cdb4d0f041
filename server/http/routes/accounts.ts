/** E1 to E8 and E10 to E13: accounts, sessions, profile. */
import { GUEST_SIGNATURE_HEADER } from '#protocol/wire/guest-signature';
import type { FastifyRequest } from 'fastify';
import type { Domain } from '../../domain/domain.ts';
import { Refusal } from '../../domain/refusal.ts';
import { deviceOf } from '../device.ts';
import { integer, optionalText, text } from '../parameters.ts';
import type { Routing } from '../routing.ts';

const credentials = { username: text('账号', [4, 20]), password: text('密码', [6, 20]) };
const device = { deviceId: text('设备指纹', [36, 200]), timestamp: integer('时间戳') };
const deviceDetails = {
  uniplatform: optionalText('平台', [2, 50]),
  devicemodel: optionalText('设备型号', [1, 50]),
  deviceos: optionalText('设备系统', [1, 50]),
  devicebrand: optionalText('设备品牌', [1, 50]),
};

export function registerAccountRoutes(routing: Routing, domain: Domain): void {
  const { accounts, contacts, guestGate } = domain;

  routing.open('POST', '/api/regChat', credentials, ({ values, address, request }) =>
    accounts.register({ ...values, address, device: deviceOf(request) }),
  );
  routing.open('POST', '/api/loginChat', credentials, ({ values, address, request }) =>
    accounts.login({ ...values, address, device: deviceOf(request) }),
  );
  routing.signedIn('POST', 'logout', {}, async ({ caller }) => {
    await accounts.logout(caller);
    return true;
  });

  routing.open(
    'POST',
    '/api/visitorRegister',
    { ...device, ...deviceDetails },
    async ({ values, address, request }) => {
      const { deviceId, timestamp, ...details } = values;
      await guestGate.pass({ deviceId, timestamp, signature: signatureOf(request) });
      return accounts.enterAsGuest(deviceId, details, { address, device: deviceOf(request) });
    },
    requireSignature,
  );
  routing.open(
    'POST',
    '/api/visitorregChat',
    { ...credentials, ...device },
    async ({ values, address, request }) => {
      const { deviceId, timestamp, username, password } = values;
      await guestGate.pass({ deviceId, timestamp, signature: signatureOf(request) });
      return accounts.registerOnDevice({ username, password, address, device: deviceOf(request) }, deviceId);
    },
    requireSignature,
  );
  routing.open(
    'POST',
    '/api/visitorloginChat',
    { ...credentials, ...device },
    async ({ values, address, request }) => {
      const { deviceId, timestamp, username, password } = values;
      await guestGate.pass({ deviceId, timestamp, signature: signatureOf(request) });
      return accounts.loginOnDevice({ username, password, address, device: deviceOf(request) }, deviceId);
    },
    requireSignature,
  );

  routing.open('GET', '/api/userinfo/:uuid', { uuid: text('uuid值', [36, 36]) }, ({ values }) =>
    accounts.profile(values.uuid),
  );
  routing.signedIn('POST', 'searchUser', { keyword: text('搜索关键词', [1, 50]) }, ({ account, values }) =>
    accounts.search(account, values.keyword),
  );
  routing.signedIn('POST', 'userset', { userset: text('用户设置', [2]) }, async ({ account, values }) => {
    await accounts.setUserset(account, values.userset);
    return 'ok';
  });
  routing.signedIn('POST', 'getUserSetInfo', { userid: integer('用户id') }, ({ account, values }) =>
    contacts.settingsOf(account, values.userid),
  );
  routing.signedIn(
    'POST',
    'updateUserinfo',
    { fieldname: text('修改字段', [1, 30]), fieldValue: text('修改结果', [1]) },
    ({ account, values }) => accounts.setField(account, values.fieldname, values.fieldValue),
  );
  routing.signedIn(
    'POST',
    'setPassword',
    {
      oldpassword: text('原始密码'),
      newpassword: text('新密码'),
      checknewpassword: text('确认新密码'),
    },
    async ({ account, values, address }) => {
      const { oldpassword, newpassword, checknewpassword } = values;
      const passwords = { old: oldpassword, new: newpassword, again: checknewpassword };
      await accounts.setPassword(account, passwords, address);
      return '修改密码成功';
    },
  );
}

/** Check 1 of section 3.5, before validation. The original fails with a 500 here (quirk Q6). */
function requireSignature(request: FastifyRequest): void {
  if (signatureOf(request) === '') throw new Refusal('非法访问');
}

function signatureOf(request: FastifyRequest): string {
  const value = request.headers[GUEST_SIGNATURE_HEADER];
  return typeof value === 'string' ? value : '';
}
