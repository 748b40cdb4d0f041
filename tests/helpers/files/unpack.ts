import { buffer } from 'node:stream/consumers';
import { fromBufferPromise } from 'yauzl';

/** What is in an archive: names with their content, folders with none. */
export async function unpack(archive: Buffer): Promise<Record<string, string>> {
  const zip = await fromBufferPromise(archive);
  const found: Record<string, string> = {};
  for await (const entry of zip.eachEntry())
    found[entry.fileName] = entry.fileName.endsWith('/')
      ? ''
      : (await buffer(await zip.openReadStreamPromise(entry))).toString();
  return found;
}
