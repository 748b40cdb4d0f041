/**
 * The answer envelope of `egg-im` (HTTP): `{ msg, data }`, with a sentence in `data` on failure. Prepared answers (E43 to
 * E48) carry the outcome in `code` instead of the status, and complaints (E49 to E53) the sentence in `msg`.
 */
import { z } from 'zod';

export const envelope = z.object({
  msg: z.string(),
  data: z.unknown().optional(),
  code: z.number().optional().catch(undefined),
});

/** Early servers answer a validation failure with a list of these; ours and late ones with a string. */
const earlyValidationFailure = z.array(z.looseObject({ err: z.array(z.string()).min(1) })).min(1);

/** The sentence to show for a failure, whichever of the known shapes the server chose; null when it gave none. */
export function failureText(data: unknown): string | null {
  if (typeof data === 'string') return data === '' ? null : data;
  const early = earlyValidationFailure.safeParse(data);
  return early.success ? (early.data[0]?.err[0] ?? null) : null;
}

/** Exact sentences that a client branches on. Full-width punctuation is part of them. */
export const SERVER_TEXTS = {
  invalidToken: 'Token 令牌不合法！',
  expiredToken: 'Token已过期！请重新获取令牌',
  noToken: '您没有权限访问即时通讯接口',
  accountDisabled: '当前用户不存在或者已被禁用',
  visitorForbidden: '您没有权限访问，请先注册或登录',
  tooManyRequests: '请求过于频繁，请1个小时后再试',
  unknownPath: '404 错误',
  socketMissingToken: '缺少 token 参数',
  socketUnknownAccount: '用户不存在',
  socketDisabled: '你已被管理员禁用',
  socketInvalidToken: 'Token 不合法',
  socketExpiredToken: 'token 已过期',
  signedInElsewhere: '你的账号在其他设备登录',
  welcome: '欢迎您访问我们的系统！',
} as const;
