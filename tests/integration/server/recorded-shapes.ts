/** Makes recorded and own answers comparable: what must differ from run to run becomes a placeholder, nothing else. */
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;

export interface UuidMap {
  /** Pairs the uuids of a recorded answer with ours at the same place. */
  learn(recorded: unknown, ours: unknown): void;
  /** Recorded uuids in a request become ours. */
  toOurs(text: string): string;
}

export function uuidMap(): UuidMap {
  const map = new Map<string, string>();
  function learn(recorded: unknown, ours: unknown): void {
    if (typeof recorded !== 'object' || recorded === null || typeof ours !== 'object' || ours === null)
      return;
    for (const [name, value] of Object.entries(recorded)) {
      const own = (ours as Record<string, unknown>)[name];
      if (name === 'uuid' && typeof value === 'string' && typeof own === 'string') map.set(value, own);
      else learn(value, own);
    }
  }
  return { learn, toOurs: (text) => text.replaceAll(UUID, (uuid) => map.get(uuid) ?? uuid) };
}

/** Pictures of the original and of ours. */
const PICTURES: Record<string, string> = {
  'http://127.0.0.1:7001/chat/user.jpg': '<default avatar>',
  '/public/chat/user.png': '<default avatar>',
  'http://127.0.0.1:7001/chat/group.png': '<notice avatar>',
  '/public/chat/notice.png': '<notice avatar>',
};

/** The original has a picture for every kind of notice. */
const NOTICE_PICTURE = /^http:\/\/127\.0\.0\.1:7001\/chat\/(?:img\/\w+|kefu)\.png$/;

/**
 * Notice after connecting. The original fills in what the account was called when its token was made, ours what it is
 * called now (quirk Q3): name and picture are left out.
 */
export function connectNotice(frame: unknown, uuids: UuidMap, side: 'recorded' | 'ours'): string {
  const text = JSON.stringify(normalised(frame, uuids, side, true));
  return text
    .replace(/"to_name":"[^"]*"/, '"to_name":"<name>"')
    .replace(/"to_avatar":"[^"]*"/, '"to_avatar":"<avatar>"')
    .replace(/&name=[^&]*&avatar=[^&]*/, '&name=<name>&avatar=<avatar>');
}

/** @param loose also hides names that the recording changed between its exchanges. */
export function normalised(
  value: unknown,
  uuids: UuidMap,
  side: 'recorded' | 'ours',
  loose = false,
): unknown {
  if (Array.isArray(value)) return value.map((one) => normalised(one, uuids, side, loose));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      // Extensions: additive.
      .filter(([name]) => !(side === 'ours' && isExtension(name, value)))
      .map(([name, one]) => [name, field(name, one) ?? normalised(one, uuids, side, loose)]);
    return Object.fromEntries(entries);
  }
  if (typeof value !== 'string') return value;
  if (NOTICE_PICTURE.test(value)) return '<notice avatar>';
  return withoutTimes(withoutPictures(value)).replaceAll(UUID, '<uuid>');
}

/** Also in lists of pictures, and inside of addresses. */
function withoutPictures(text: string): string {
  let shown = text;
  for (const [picture, placeholder] of Object.entries(PICTURES)) {
    shown = shown.replaceAll(picture, placeholder).replaceAll(encodeURIComponent(picture), placeholder);
  }
  return shown;
}

/** Keys and texts of notices that carry a time; the locale of the texts is the server's (quirk Q26). */
function withoutTimes(text: string): string {
  return text
    .replaceAll(/(redirect-applyAddGroup\d+-\d+-)\d{13}/g, '$1<milliseconds>')
    .replaceAll(/(addGroupTime%22%3A)\d{13}/g, '$1<milliseconds>')
    .replace(/于 \d{1,4}\/.+ (已退出群聊|解散了该群)$/, '于 <server time> $1');
}

function isExtension(name: string, row: object): boolean {
  return name === 'seq' || name === 'auto_reply' || isJoiner(name, row) || isListMark(name, row);
}

/** By their ids, of whom a notice in a group speaks. */
function isJoiner(name: string, row: object): boolean {
  return name === 'about' && 'type' in row && row.type === 'systemNotice';
}

/** Marks of a row of the contact list, which the original keeps to the rows themselves. */
function isListMark(name: string, row: object): boolean {
  return (name === 'isblack' || name === 'ismystarfriend') && 'friend_nickname' in row;
}

function field(name: string, value: unknown): string | undefined {
  switch (name) {
    case 'token':
      return typeof value === 'string' ? '<token>' : undefined;
    // Section 3.3: the final server leaks an object of its database library here; ours answers the time.
    case 'update_time':
      return '<time>';
    case 'create_time':
      if (typeof value === 'number') return '<milliseconds>';
      if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/.test(String(value))) return '<iso seconds>';
      // The original prints a broken date into N1.
      return /^(NaN-0NaN-0NaN 0NaN:0NaN:0NaN|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)$/.test(String(value))
        ? '<local time>'
        : undefined;
    case 'timestamp':
    case 'addGroupTime':
      return typeof value === 'number' ? '<milliseconds>' : undefined;
    case 'score':
      // Depends on the milliseconds since the answer was changed.
      return typeof value === 'number' ? value.toFixed(3) : undefined;
    case 'id':
      return typeof value === 'number' && value > 1_000_000_000_000 ? '<id of an answer>' : undefined;
    case 'last_login':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(value)) ? '<iso time>' : undefined;
    case 'register_time':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/.test(String(value)) ? '<iso seconds>' : undefined;
    default:
      return undefined;
  }
}
