// The least that an upload can be: `node bare-upload.mjs FOLDER` writes each body to a file, waits until it is on the
// disk, and answers. Prints its port.
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const [folder = ''] = process.argv.slice(2);
let number = 0;
const server = createServer((request, response) => {
  pipeline(request, createWriteStream(join(folder, String(number++)), { flush: true })).then(
    () => response.end('{}'),
    () => response.destroy(),
  );
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
