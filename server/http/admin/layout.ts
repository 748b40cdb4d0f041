/** The frame of every page of the console: no script at all, one style sheet. */
import { createHash } from 'node:crypto';
import { Html, html } from './html.ts';
import { STYLE } from './style.ts';
import type { Language, TextKey, Words } from './texts.ts';

/** Put together here, because the policy allows exactly this content: not one space more. */
const styleElement = new Html(`<style>${STYLE}</style>`);

/** Only this style, own pictures and own forms. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "img-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export const SECTIONS = [
  'overview',
  'accounts',
  'groups',
  'complaints',
  'connections',
  'storage',
  'audit',
] as const;
export type Section = (typeof SECTIONS)[number];

export function addressOf(section: Section): string {
  return section === 'overview' ? '/admin' : `/admin/${section}`;
}

export interface PageOptions {
  language: Language;
  t: Words;
  heading: TextKey;
  content: Html;
  /** Absent before signing in. */
  session?: { username: string; formToken: string; section: Section };
  problem?: string;
}

export function page({ language, t, heading, content, session, problem }: PageOptions): string {
  const other = language === 'zh' ? 'en' : 'zh';
  return html`<!doctype html>
    <html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${t(heading)} · ${t('title')}</title>
        ${styleElement}
      </head>
      <body${session === undefined && html` class="alone"`}>
        <a class="skip" href="#content">${t('skip')}</a>
        <header>
          ${MARK}
          <h1>${t('title')}</h1>
          <a href="?lang=${other}" lang="${language === 'zh' ? 'en' : 'zh-CN'}">${t('language')}</a>
          ${
            session !== undefined &&
            html`<span class="who">${session.username}</span>
              <form method="post" action="/admin/sign-out">
                ${formToken(session.formToken)}<button>${t('signOut')}</button>
              </form>`
          }
        </header>
        ${session === undefined ? body(t, heading, content, problem) : framed(t, session.section, body(t, heading, content, problem))}
      </body>
    </html>`.text;
}

function body(t: Words, heading: TextKey, content: Html, problem: string | undefined): Html {
  return html`<main id="content">
    <h2>${t(heading)}</h2>
    ${problem !== undefined && html`<p class="box problem" role="alert">${problem}</p>`} ${content}
  </main>`;
}

function framed(t: Words, current: Section, content: Html): Html {
  const entry = (section: Section): Html =>
    html`<li>
      <a href="${addressOf(section)}" ${section === current && html` aria-current="page"`}>${t(section)}</a>
    </li>`;
  return html`<div class="frame">
    <nav aria-label="${t('sections')}">
      <ul>
        ${SECTIONS.map(entry)}
      </ul>
    </nav>
    ${content}
  </div>`;
}

/** Every form that changes something carries it. */
export function formToken(token: string): Html {
  return html`<input type="hidden" name="form_token" value="${token}" />`;
}

/** The mark of the product, small. */
const MARK = html`<svg viewBox="0 0 512 512" aria-hidden="true">
  <rect x="16" y="16" width="480" height="480" rx="112" fill="#0d9488" />
  <g transform="translate(37 22) scale(.88)">
    <path
      d="M40 470 C26 460 26 444 37 431 L184 262 L262 338 L70 472 C60 479 49 478 40 470 Z"
      fill="#0b1f24"
    />
    <path d="M274 396 V468 M320 390 V468" stroke="#0b1f24" stroke-width="18" stroke-linecap="round" />
    <path
      d="M446 160 L396 134 C385 98 352 76 315 78 C268 80 243 110 233 152 C223 196 172 226 160 288 C158 356 218 404 294 404 C370 404 420 346 420 274 C420 240 410 214 400 190 C402 183 405 178 410 174 Z"
      fill="#0b1f24"
    />
    <path
      d="M401 246 C410 326 364 390 294 390 C258 389 230 374 212 352 C280 350 330 308 344 238 C362 250 384 253 401 246 Z"
      fill="#fff"
    />
    <path
      d="M240 212 C292 204 330 224 328 258 C320 316 262 344 184 336 C166 300 196 244 240 212 Z"
      fill="#14b8a6"
    />
    <circle cx="346" cy="138" r="15" fill="#fff" />
  </g>
</svg>`;
