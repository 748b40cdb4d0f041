// An S3-compatible storage in a process of its own: `node object-storage.mjs FOLDER BUCKET` prints its port.
import { createRequire } from 'node:module';
import S3rver from '@20minutes/s3rver';

// It counts signed addresses by the browser's rule, which leaves some signs alone; S3 writes all of them in numbers.
const { encodeURIComponent } = globalThis;
globalThis.encodeURIComponent = (text) =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/gu,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

// Of a bucket as a whole (its listing) the address ends in a slash, which S3 counts and it forgets.
const v4 = createRequire(import.meta.url)('@20minutes/s3rver/lib/signature/v4.js');
const { getStringToSign } = v4;
v4.getStringToSign = (request, signature) =>
  getStringToSign({ ...request, uri: request.uri.replace(/^\/[^/]+$/u, '$&/') }, signature);

const [folder, bucket] = process.argv.slice(2);
const server = new S3rver({
  address: '127.0.0.1',
  port: 0,
  silent: true,
  directory: folder,
  configureBuckets: [{ name: bucket, configs: [] }],
});
const { port } = await server.run();
process.stdout.write(`port ${port}\n`);
