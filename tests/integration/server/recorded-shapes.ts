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
      // Extension `order`: additive.
      .filter(([name]) => !(side === 'ours' && name === 'seq'))
      .map(([name, one]) => [name, field(name, one) ?? normalised(one, uuids, side, loose)]);
    return Object.fromEntries(entries);
  }
  if (typeof value !== 'string') return value;
  if (PICTURES[value] !== undefined) return PICTURES[value];
  return value.replaceAll(UUID, '<uuid>');
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
      return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(String(value)) ? '<local time>' : undefined;
    case 'timestamp':
      return typeof value === 'number' ? '<milliseconds>' : undefined;
    case 'last_login':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(value)) ? '<iso time>' : undefined;
    case 'register_time':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/.test(String(value)) ? '<iso seconds>' : undefined;
    default:
      return undefined;
  }
}
