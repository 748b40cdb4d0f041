import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

const manifestName = 'magpie-runtime.json';

/** What a finished runtime folder consists of; it is written last, so a folder without it is unfinished. */
interface RuntimeManifest {
  /** Changes whenever the recipe that made the folder changes. */
  recipe: string;
  /** Size in bytes of every file, by its path in the folder. */
  files: Record<string, number>;
}

/** Marks the folder as complete, as it is now. */
export async function sealRuntime(folder: string, recipe: string): Promise<void> {
  const files = await listSizes(folder);
  await writeFile(join(folder, manifestName), JSON.stringify({ recipe, files } satisfies RuntimeManifest));
}

/**
 * Whether the folder was made by this recipe and every file still has its size. Sizes find what really happens to a
 * cache (a full disk, a partial clean-up) and cost a millisecond; hashing 260 MB at each start would not.
 */
export async function isIntact(folder: string, recipe: string): Promise<boolean> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, manifestName), 'utf8')) as RuntimeManifest;
    if (manifest.recipe !== recipe) return false;
    for (const [path, size] of Object.entries(manifest.files)) {
      if ((await stat(join(folder, path))).size !== size) return false;
    }
    return true;
  } catch {
    // A missing file or an unreadable manifest: damaged either way.
    return false;
  }
}

async function listSizes(folder: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    sizes[relative(folder, file)] = (await stat(file)).size;
  }
  return sizes;
}
