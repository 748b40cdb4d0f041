import { normalize, sep, join } from 'node:path';

export const PAGE_SCHEME = 'magpie-app';
/** Made by main itself: see error-page.ts. */
export const ERROR_PATH = '/failed.html';
export const ERROR_URL = `${PAGE_SCHEME}://app${ERROR_PATH}`;
export const PAGE_URL = `${PAGE_SCHEME}://app/index.html`;

/** The file behind an address of the page, or null for anything outside of the folder. */
export function fileOf(address: string, folder: string): string | null {
  let path: string;
  try {
    const url = new URL(address);
    if (url.protocol !== `${PAGE_SCHEME}:` || url.hostname !== 'app') return null;
    path = decodeURIComponent(url.pathname);
  } catch {
    return null;
  }
  if (path.includes('\0') || path.includes('\\')) return null;
  const root = normalize(folder);
  const file = join(root, path === '/' ? 'index.html' : path);
  return file.startsWith(root.endsWith(sep) ? root : root + sep) ? file : null;
}

/** Whether an address is our page: the built one, or the development server's while there is one. */
export function isOwnPage(address: string, developmentUrl: string | null): boolean {
  try {
    const url = new URL(address);
    if (url.protocol === `${PAGE_SCHEME}:` && url.hostname === 'app') return true;
    return developmentUrl !== null && url.origin === new URL(developmentUrl).origin;
  } catch {
    return false;
  }
}
