/** What the page may load and run: written once, sent as the header and built into the page by `electron.vite.config.ts`. */
import { MEDIA_SCHEME } from '../media/media-url.ts';

/** Style attributes are let through for positioned popovers; style sheets and scripts come from our files only. */
const RULES = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  `img-src 'self' data: blob: ${MEDIA_SCHEME}:`,
  `media-src 'self' blob: ${MEDIA_SCHEME}:`,
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
];

/** For the page's own `meta` element, where `frame-ancestors` has no meaning. */
export const META_POLICY = RULES.join('; ');

/** For the header of everything our scheme serves. */
export const CONTENT_POLICY = [...RULES, "frame-ancestors 'none'"].join('; ');
