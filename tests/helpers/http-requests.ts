/**
 * Cuts what a client sends into whole HTTP requests; bodies need a length. After an upgrade the bytes are no requests
 * any more and are left alone.
 */
export function createRequestReader(onRequest: (request: Buffer, head: string) => void) {
  let waiting = Buffer.alloc(0);
  /** A request whose head is known while its body still comes: large ones are put together once. */
  let open: { head: string; left: number; pieces: Buffer[] } | null = null;
  let upgraded = false;

  /** Gives what is behind the request that is open. */
  const take = (request: NonNullable<typeof open>, chunk: Buffer): Buffer => {
    const piece = chunk.subarray(0, request.left);
    request.pieces.push(Buffer.from(piece));
    request.left -= piece.length;
    if (request.left === 0) {
      open = null;
      onRequest(Buffer.concat(request.pieces), request.head);
    }
    return chunk.subarray(piece.length);
  };

  return (chunk: Buffer): void => {
    if (upgraded) return;
    let rest = open === null ? chunk : take(open, chunk);
    while (open === null && (rest.length > 0 || waiting.length > 0)) {
      waiting = Buffer.concat([waiting, rest]);
      const end = waiting.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = waiting.toString('latin1', 0, end);
      if (/^upgrade:/im.test(head)) {
        upgraded = true;
        return;
      }
      const left = end + 4 + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      rest = waiting;
      waiting = Buffer.alloc(0);
      open = { head, left, pieces: [] };
      rest = take(open, rest);
    }
  };
}
