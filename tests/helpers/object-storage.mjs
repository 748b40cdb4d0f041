// An S3-compatible storage in a process of its own: `node object-storage.mjs FOLDER BUCKET` prints its port.
import S3rver from '@20minutes/s3rver';

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
