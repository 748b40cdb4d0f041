/** Links of our own scheme (`magpie://…`), by which the system and other programs lead a person into the app. */
import { LINK_SCHEME } from '#protocol/link';

const LONGEST = 4_096;
const OURS = new RegExp(`^${LINK_SCHEME}://\\S+$`, 'iu');

/**
 * The link that a start of the app was given, or null. Chromium puts arguments into an order of its own, so it is
 * looked for everywhere.
 */
export function linkIn(argv: readonly string[]): string | null {
  return argv.find(isLink) ?? null;
}

export function isLink(text: string): boolean {
  return text.length <= LONGEST && OURS.test(text);
}
