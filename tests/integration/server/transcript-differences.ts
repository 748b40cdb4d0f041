/** Where our server answers otherwise than the recording, on purpose, and what is not replayed at all. */
export interface Mended {
  /** Number in section 15 of the protocol, or the section whose fault it is. */
  quirk: string;
  status: number;
  data?: unknown;
}

const notFound: Mended = { quirk: 'Q34', status: 404, data: '404 错误' };
const badToken: Mended = { quirk: 'Q5', status: 400, data: 'Token 令牌不合法！' };
const noSignature: Mended = { quirk: 'Q6', status: 400, data: '非法访问' };
const refusedUpgrade: Mended = { quirk: 'Q31', status: 404 };
const counted: Mended = { quirk: 'Q11', status: 400, data: '在成为好友之前，对方只允许向他发一条消息' };

/** The text of a picture, instead of the recorded crash. */
export const MENDED_CODES: Record<string, { quirk: string; text: string }> = {
  'E39 app form, person': { quirk: 'Q15', text: '{"id":1,"name":"Anna","chatType":"single"}' },
};

/** Sockets that behave otherwise; each has a check of its own. */
export const MENDED_SOCKETS: Record<string, string> = {
  'second socket of the same account: frames on the older socket': 'Q8',
  'older socket closed by the client: close seen by the newer one': 'Q8',
  'superseded token on /ws is accepted': 'Q4',
};

const notOwn = (quirk: string): Mended => ({ quirk, status: 400, data: '消息不存在，不能撤回' });

export const MENDED: Record<string, Mended> = {
  'unknown path': notFound,
  'wrong method': notFound,
  'auth: unknown path under /api/chat': notFound,
  'auth: prefix match without slash': notFound,
  'plain GET /ws': notFound,
  'static missing': notFound,
  'static root': notFound,
  'auth: malformed token': badToken,
  'auth: forged token': badToken,
  'auth: expired token (never issued by the server)': {
    quirk: 'Q5',
    status: 400,
    data: 'Token已过期！请重新获取令牌',
  },
  'E4 no signature header': noSignature,
  'E5 no signature header': noSignature,
  'E6 no signature header': noSignature,
  'E10 not JSON text': { quirk: 'Q33', status: 400, data: '用户设置格式错误' },
  'E10 chatset without user part': { quirk: 'Q33', status: 400, data: '用户设置格式错误' },
  'E25 to a recipient whose userset is not JSON': { quirk: 'Q33', status: 200 },
  'E25 to chatset without user part': { quirk: 'Q33', status: 200 },
  'E10 locked (status 2) account': { quirk: '3.3', status: 400, data: '用户不存在，无法修改信息' },
  'E4 two devices sharing 8 characters': { quirk: '3.6', status: 200 },
  'E25 to userset without chatset': counted,
  'E25 stranger, recipient offline 2': counted,
  'E25 stranger, recipient online 1': counted,
  'E25 to self': { quirk: 'Q11', status: 200 },
  'E25 the recipient cannot answer': { quirk: 'Q11', status: 200 },
  'E39 odd chatType': {
    quirk: 'Q15',
    status: 422,
    data: '聊天类型 的值 `zzz` 必须在 [`group`、`single`] 中',
  },
  'E48 regex character': { quirk: '5.7', status: 200 },
  'E27 short avatar': notOwn('Q12'),
  'E27 long name': notOwn('Q12'),
  'E27 someone else’s message id': notOwn('Q14'),
  'E27 to a missing account': notOwn('Q14'),
  'E27 form body': notOwn('Q14'),
  'E28 another’s row': { quirk: 'Q14', status: 400, data: '请选择加入群聊的用户' },
  'E36 claims to be the owner': { quirk: 'Q14', status: 200, data: '等待群主同意' },
  'upgrade on /ws/': refusedUpgrade,
  'trailing slash /ws/': refusedUpgrade,
  'trailing slash /ws/ without token': refusedUpgrade,
};

const noImages = { images: ['/public/a.png'] };

/** Fields of `data` in which a mended answer differs from the recorded one; the rest must be as recorded. */
export const MENDED_FIELDS: Record<string, { quirk: string; change: (recorded: unknown) => unknown }> = {
  // Text that holds a list is read as one, and the newest comes first within the same second too.
  'E50 list': {
    quirk: 'Q16',
    change: (data) => (data as object[]).map((one) => ({ ...one, ...noImages })).reverse(),
  },
  'E51 after': { quirk: 'Q16', change: (data) => ({ ...(data as object), ...noImages }) },
};

export const EXCLUDED: Record<string, string> = {
  'S1 server ping after 30 s': 'own test with a short interval',
};

/** Whole families. */
const EXCLUDED_KINDS: readonly (readonly [RegExp, string])[] = [
  [/^E4[012] /, 'uploads have tests of their own'],
];

export function excludedReason(name: string): string | undefined {
  const [, pattern] = EXCLUDED_KINDS.find(([kind]) => kind.test(name)) ?? [];
  return EXCLUDED[name] ?? pattern;
}
