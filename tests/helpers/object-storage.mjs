// An S3-compatible storage in a process of its own: `node object-storage.mjs FOLDER BUCKET` prints its port.
import S3rver from '@20minutes/s3rver';

// It counts signed addresses by the browser's rule, which leaves some signs alone; S3 writes all of them in numbers.
const { encodeURIComponent } = globalThis;
globalThis.encodeURIComponent = (text) =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/gu,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

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
