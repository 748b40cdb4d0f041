/**
 * Cuts what a client sends into whole HTTP requests; bodies need a length. After an upgrade the bytes are no requests
 * any more and are left alone.
 */
export function createRequestReader(onRequest: (request: Buffer, head: string) => void) {
  let waiting = Buffer.alloc(0);
  let upgraded = false;

  return (chunk: Buffer): void => {
    if (upgraded) return;
    waiting = Buffer.concat([waiting, chunk]);
    for (;;) {
      const end = waiting.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = waiting.toString('latin1', 0, end);
      if (/^upgrade:/im.test(head)) {
        upgraded = true;
        return;
      }
      const size = end + 4 + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      if (waiting.length < size) return;
      const request = waiting.subarray(0, size);
      waiting = Buffer.from(waiting.subarray(size));
      onRequest(request, head);
    }
  };
}
