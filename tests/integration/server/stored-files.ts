import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Files of people on the disk of a server, wherever they lie below `files/`. */
export function storedFiles({ directory }: { directory: string }): string[] {
  const root = join(directory, 'files');
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    // One may be moved away while we look.
    (name) => statSync(join(root, name), { throwIfNoEntry: false })?.isFile() === true,
  );
}
