/** SHA-256 of files of any size, in the memory of one piece. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const PIECE = 256 * 1024;

/** Hexadecimal. Reads no further once the signal is aborted, and fails then. */
export async function sha256OfFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  // The same one again and again: a buffer per piece is thrown away faster than it is collected.
  const piece = Buffer.allocUnsafe(PIECE);
  const file = await open(path);
  try {
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(piece, 0, PIECE, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
