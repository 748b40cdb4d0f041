import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether anything under `sources` was changed after `product` was made, or the product does not exist.
 *
 * @param sources files and folders; ones that do not exist count as unchanged
 */
export function isOutdated(product: string, sources: readonly string[]): boolean {
  if (!existsSync(product)) return true;
  return sources.some((source) => newestChange(source) > statSync(product).mtimeMs);
}

/** Milliseconds since the epoch; folders count too, since deleting a file changes only its folder. */
function newestChange(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  const inside = readdirSync(path).map((name) => newestChange(join(path, name)));
  return Math.max(found.mtimeMs, ...inside);
}
