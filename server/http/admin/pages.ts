/** Contents of the console's pages. */
import {
  REMOVED,
  type AuditEntry,
  type ComplaintRecord,
  type GroupSummary,
  type ListedAccount,
} from '../../domain/admin-views.ts';
import type { LiveConnection, Page } from '../../domain/administration.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { addressOf, formToken } from './layout.ts';
import type { Section } from './layout.ts';
import type { TextKey, Words } from './texts.ts';

export interface StorageUse {
  /** Bytes. */
  database: number;
  files: number;
  free: number;
}

const ACCOUNT_ACTIONS = ['disable', 'enable', 'resetPassword', 'grant', 'revoke', 'remove'] as const;
type AccountAction = (typeof ACCOUNT_ACTIONS)[number];

export function isAccountAction(text: string): text is AccountAction {
  return (ACCOUNT_ACTIONS as readonly string[]).includes(text);
}

type Tone = 'ok' | 'warn' | 'bad' | '';
const STATUS: readonly (readonly [TextKey, Tone])[] = [
  ['disabled', 'bad'],
  ['active', 'ok'],
  ['locked', 'warn'],
  ['removed', ''],
];
const COMPLAINT_STATUS: readonly (readonly [TextKey, Tone])[] = [
  ['pending', 'warn'],
  ['working', 'ok'],
  ['finished', ''],
  ['closed', ''],
];
/** Names of the tables that the storage page counts. */
const TABLES: Readonly<Record<string, TextKey>> = {
  account: 'accounts',
  chat_group: 'groups',
  conversation: 'conversations',
  message: 'messages',
  contact: 'contacts',
  session: 'sessions',
  file: 'files',
  complaint: 'complaints',
};

export function signIn(t: Words): Html {
  return html`<form class="box" method="post" action="/admin/sign-in">
    ${credentials(t, 'current-password')}
    <p><button class="main">${t('signIn')}</button></p>
  </form>`;
}

export function setUp(t: Words): Html {
  return html`<p class="quiet">${t('setupIntro')}</p>
    <form class="box" method="post" action="/admin/set-up">
      <label>${t('setupToken')}<input name="token" required autocomplete="off" /></label>
      ${credentials(t, 'new-password')}
      <p><button class="main">${t('setup')}</button></p>
    </form>`;
}

export function back(t: Words, section: Section): Html {
  return html`<p><a href="${addressOf(section)}">${t('back')}</a></p>`;
}

export function password(t: Words, text: string): Html {
  return html`<p class="box notice" role="status">
      <span>${t('newPassword')}</span> <strong><code>${text}</code></strong>
    </p>
    ${back(t, 'accounts')}`;
}

export function overview(
  t: Words,
  counts: Record<string, number>,
  { connections, openComplaints }: { connections: number; openComplaints: number },
): Html {
  const card = (section: Section, label: string, value: number): Html =>
    html`<li><a href="${addressOf(section)}">${label}</a><strong>${value}</strong></li>`;
  return html`<ul class="cards">
    ${card('accounts', t('accounts'), counts['account'] ?? 0)}
    ${card('groups', t('groups'), counts['chat_group'] ?? 0)}
    ${card('storage', t('messages'), counts['message'] ?? 0)}
    ${card('connections', t('connections'), connections)}
    ${card('complaints', t('openComplaints'), openComplaints)}
  </ul>`;
}

export function accounts(
  t: Words,
  list: readonly ListedAccount[],
  { query, of, formToken: token }: { query: string; of: Page; formToken: string },
): Html {
  const { sheet, pager } = lists(t);
  return html`<form class="bar" role="search" action="/admin/accounts">
      <label>${t('findAccount')}<input name="query" type="search" value="${query}" /></label>
      <button>${t('search')}</button>
    </form>
    ${sheet(
      'accounts',
      [t('username'), t('nickname'), t('role'), t('status'), t('actions')],
      list.map((account) => [
        account.username,
        account.nickname,
        account.administrator ? t('administrator') : t(account.role === 'visitor' ? 'guest' : 'user'),
        pill(t, STATUS, account.status),
        html`${actionsFor(account).map((action) => actionButton(t, account.username, action, token))}`,
      ]),
    )}${pager('accounts', of, list.length, query === '' ? '' : `query=${encodeURIComponent(query)}&`)}
    <form class="box" method="post" action="/admin/accounts/create">
      <h3>${t('createAccount')}</h3>
      ${formToken(token)}
      <label
        >${t('username')}<input name="username" required minlength="4" maxlength="20" autocomplete="off"
      /></label>
      ${newPassword(t)}
      <label class="inline"
        ><input type="checkbox" name="administrator" value="yes" />${t('administrator')}</label
      >
      <p><button class="main">${t('create')}</button></p>
    </form>`;
}

export function confirm(t: Words, username: string, action: AccountAction, token: string): Html {
  const isSevere = action === 'disable' || action === 'revoke' || action === 'remove';
  return html`<form class="box" method="post" action="/admin/accounts/change">
    <h3>${t(action)}: ${username}</h3>
    <p class="quiet">${t(`${action}Effect`)}</p>
    ${formToken(token)}${hidden({ username, action, confirmed: 'yes' })}
    ${action === 'resetPassword' && newPassword(t)} ${decision(t, 'accounts', isSevere)}
  </form>`;
}

export function confirmDissolution(t: Words, group: { id: number; name: string }, token: string): Html {
  return html`<form class="box" method="post" action="/admin/groups/dissolve">
    <h3>${t('dissolve')}: ${group.name}</h3>
    <p class="quiet">${t('dissolveEffect')}</p>
    ${formToken(token)}${hidden({ id: String(group.id), confirmed: 'yes' })} ${decision(t, 'groups', true)}
  </form>`;
}

export function groups(t: Words, list: readonly GroupSummary[], of: Page, token: string): Html {
  const { sheet, pager } = lists(t);
  const dissolve = ({ id, name }: GroupSummary): Html =>
    html`<form method="post" action="/admin/groups/dissolve">
      ${formToken(token)}${hidden({ id: String(id), name })}<button
        class="bad"
        aria-label="${t('dissolve')}: ${name}"
      >
        ${t('dissolve')}
      </button>
    </form>`;
  return html`${sheet(
    'groups',
    ['#', t('name'), t('owner'), t('members'), t('messages'), t('status'), t('created'), t('actions')],
    list.map((group) => [
      group.id,
      group.name,
      group.owner,
      group.members,
      group.messages,
      group.dissolved ? html`<span class="pill">${t('dissolved')}</span>` : pill(t, STATUS, group.status),
      when(group.createTime),
      group.dissolved ? '' : dissolve(group),
    ]),
  )}${pager('groups', of, list.length)}`;
}

export function complaints(
  t: Words,
  list: readonly ComplaintRecord[],
  { openOnly, of }: { openOnly: boolean; of: Page },
): Html {
  const { sheet, pager } = lists(t);
  const [link, text] = openOnly ? ['?show=all', t('all')] : ['?', t('open')];
  return html`<p><a href="/admin/complaints${link}">${text}</a></p>
    ${sheet(
      'complaints',
      ['#', t('about'), t('reason'), t('status'), t('created')],
      list.map((complaint) => [
        html`<a href="/admin/complaints/${complaint.id}">${complaint.id}</a>`,
        target(t, complaint),
        complaint.reason,
        complaintStatus(t, complaint),
        when(complaint.createTime),
      ]),
    )}${pager('complaints', of, list.length, openOnly ? '' : 'show=all&')}`;
}

export function complaint(
  t: Words,
  record: ComplaintRecord,
  author: { username: string } | undefined,
  token: string,
): Html {
  const row = (label: string, value: string | Html): Html =>
    html`<dt>${label}</dt>
      <dd>${value}</dd>`;
  return html`<div class="box">
      <dl>
        ${row(t('from'), author?.username ?? String(record.userId))}${row(t('about'), target(t, record))}
        ${row(t('reason'), record.reason)}${record.content !== '' && row(t('content'), record.content)}
        ${row(t('status'), complaintStatus(t, record))}${row(t('created'), when(record.createTime))}
      </dl>
      ${
        record.images.length > 0 &&
        html`<h3>${t('images')}</h3>
          <div class="pictures">${record.images.map((image) => picture(record.id, image))}</div>`
      }
      <h3>${t('evidence')}</h3>
      ${record.evidence.length === 0 && html`<p class="quiet">${t('none')}</p>`}
      <ol class="evidence">
        ${record.evidence.map((one) => piece(t, one))}
      </ol>
    </div>
    <form class="box" method="post" action="/admin/complaints/${record.id}">
      <h3>${t('decision')}</h3>
      ${formToken(token)}
      <label
        >${t('status')}<select name="status">
          ${COMPLAINT_STATUS.map(
            ([key], value) =>
              html`<option value="${value}" ${value === record.status && html` selected`}>${t(key)}</option>`,
          )}
        </select></label
      >
      <label>${t('reply')}<textarea name="reply" maxlength="2000">${record.adminReply}</textarea></label>
      <p><button class="main">${t('save')}</button></p>
    </form>
    ${back(t, 'complaints')}`;
}

export function connections(
  t: Words,
  list: readonly (LiveConnection & { username: string })[],
  token: string,
): Html {
  return lists(t).sheet(
    'connections',
    [t('username'), t('address'), t('device'), t('since'), t('actions')],
    list.map(({ id, username, address, deviceKind, since }) => [
      username,
      address,
      deviceKind === '' ? t('plain') : deviceKind,
      when(since),
      html`<form method="post" action="/admin/connections/close">
        ${formToken(token)}${hidden({ id: String(id) })}<button aria-label="${t('close')}: ${username}">
          ${t('close')}
        </button>
      </form>`,
    ]),
  );
}

export function storage(t: Words, use: StorageUse, counts: Record<string, number>): Html {
  const { sheet } = lists(t);
  return html`<ul class="cards">
      <li>${t('database')}<strong>${size(use.database)}</strong></li>
      <li>${t('files')}<strong>${size(use.files)}</strong></li>
      <li>${t('free')}<strong>${size(use.free)}</strong></li>
    </ul>
    ${sheet(
      'storage',
      [t('content'), t('rows')],
      Object.entries(counts).map(([name, count]) => [t(TABLES[name] ?? 'content'), count]),
    )}`;
}

export function audit(t: Words, list: readonly AuditEntry[], of: Page): Html {
  const { sheet, pager } = lists(t);
  return html`${sheet(
    'audit',
    [t('time'), t('actor'), t('address'), t('action'), t('target'), t('details')],
    list.map(({ time, actorName, address, action, target: on, details }) => [
      when(time),
      actorName,
      address,
      html`<code>${action}</code>`,
      on,
      details !== '{}' && html`<code>${details}</code>`,
    ]),
  )}${pager('audit', of, list.length)}`;
}

function credentials(t: Words, autocomplete: string): Html {
  return html`<label>${t('username')}<input name="username" required autocomplete="username" /></label>
    <label
      >${t('password')}<input name="password" type="password" required autocomplete="${autocomplete}"
    /></label>`;
}

function newPassword(t: Words): Html {
  return html`<label
      >${t('password')}<input
        name="password"
        type="password"
        minlength="6"
        maxlength="20"
        autocomplete="new-password"
        aria-describedby="made"
    /></label>
    <p id="made" class="quiet">${t('emptyPassword')}</p>`;
}

function hidden(fields: Readonly<Record<string, string>>): Html {
  return html`${Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  )}`;
}

function decision(t: Words, section: Section, isSevere: boolean): Html {
  return html`<p class="bar centred">
    <button class="main${isSevere && ' bad'}">${t('yes')}</button>
    <a href="${addressOf(section)}">${t('cancel')}</a>
  </p>`;
}

/** Tables and the way through their pages. The last column of a table with actions is as narrow as they are. */
function lists(t: Words) {
  const cell = (value: Html | string | number | false, head: string | undefined): Html =>
    head === t('actions') ? html`<td class="actions">${value}</td>` : html`<td>${value}</td>`;
  return {
    sheet(
      name: TextKey,
      heads: readonly string[],
      rows: readonly (readonly (string | number | false | Html)[])[],
    ): Html {
      if (rows.length === 0) return html`<p class="sheet empty">${t('none')}</p>`;
      return html`<div class="sheet" role="region" aria-label="${t(name)}" tabindex="0">
        <table>
          <thead>
            <tr>
              ${heads.map((head) => html`<th scope="col">${head}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              (cells) =>
                html`<tr>
                  ${cells.map((value, index) => cell(value, heads[index]))}
                </tr>`,
            )}
          </tbody>
        </table>
      </div>`;
    },
    pager(section: Section, { offset, limit }: Page, count: number, query = ''): Html | false {
      const at = offset / limit;
      const hasMore = count === limit;
      if (at === 0 && !hasMore) return false;
      const link = (to: number, text: string): Html =>
        html`<a href="${addressOf(section)}?${query}page=${to}">${text}</a> `;
      return html`<p class="bar">
        ${at > 0 && link(at - 1, t('newer'))}${hasMore && link(at + 1, t('older'))}
      </p>`;
    },
  };
}

function actionsFor(account: ListedAccount): AccountAction[] {
  if (account.status === REMOVED) return [];
  const able: AccountAction[] = [account.status === 0 ? 'enable' : 'disable', 'remove'];
  if (account.role === 'visitor') return able;
  return ['resetPassword', account.administrator ? 'revoke' : 'grant', ...able];
}

function actionButton(t: Words, username: string, action: AccountAction, token: string): Html {
  return html`<form method="post" action="/admin/accounts/change">
    ${formToken(token)}${hidden({ username, action })}<button
      ${(action === 'disable' || action === 'remove') && html` class="bad"`}
      aria-label="${t(action)}: ${username}"
    >
      ${t(action)}
    </button>
  </form> `;
}

function piece(t: Words, { claimed, stored }: ComplaintRecord['evidence'][number]): Html {
  const read = words(stored ?? claimed);
  return html`<li>
    <span class="pill ${stored === null ? 'warn' : 'ok'}">${t(stored === null ? 'unproved' : 'proved')}</span>
    ${read !== undefined && html`<blockquote>${read.from !== '' && html`<strong>${read.from}</strong> `}${read.text}</blockquote>`}
    <details>
      <summary>${t('original')}</summary>
      <pre>${stored ?? JSON.stringify(claimed, null, 2)}</pre>
    </details>
  </li>`;
}

/** Who said what, as far as a message object tells. */
function words(message: unknown): { from: string; text: string } | undefined {
  const { from_name: from, data } = (parsed(message) ?? {}) as { from_name?: unknown; data?: unknown };
  const content = parsed(data);
  const text = typeof content === 'object' && content !== null && 'data' in content ? content.data : data;
  return typeof text === 'string' ? { from: typeof from === 'string' ? from : '', text } : undefined;
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** Pictures of this server are shown; a foreign address is only written out. */
function picture(complaintId: number, address: string): Html {
  const path = /\/((?:public\/uploads|images)\/[\w./-]+)$/.exec(address)?.[1];
  if (path === undefined) return html`<p><code>${address}</code></p>`;
  return html`<img src="/admin/complaints/${complaintId}/files/${path}" alt="${address}" /> `;
}

function target(t: Words, { targetName, targetType, targetId }: ComplaintRecord): string {
  return `${targetName} (${t(targetType === 'group' ? 'group' : 'account')} ${targetId})`.trim();
}

function complaintStatus(t: Words, { status, isDeleted }: ComplaintRecord): Html {
  return html`${pill(t, COMPLAINT_STATUS, status)}${isDeleted && html` <span class="pill">${t('withdrawn')}</span>`}`;
}

function pill(t: Words, kinds: readonly (readonly [TextKey, Tone])[], value: number): Html {
  const [text, tone] = kinds[value] ?? (['locked', 'warn'] as const);
  return html`<span class="pill ${tone}">${t(text)}</span>`;
}

function when(milliseconds: number): Html {
  const iso = new Date(milliseconds).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
