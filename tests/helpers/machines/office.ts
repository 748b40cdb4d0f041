/** A computer whose server others may join: `open` and `close` on its standard input turn the switch. */
import { createInterface } from 'node:readline';
import { defaultConfig, startServer } from '../../../server/server.ts';

const [folder = '', name = ''] = process.argv.slice(2);
const tell = (words: object): void => void process.stdout.write(`${JSON.stringify(words)}\n`);

const server = await startServer(defaultConfig({ port: 0, dataDirectory: folder, logLevel: 'warn' }));
const work: Record<string, () => Promise<unknown>> = {
  open: async () => tell(await server.office.open({ host: null, port: 7001, name, mdns: null })),
  close: async () => {
    await server.office.close();
    tell({ closed: true });
  },
};
createInterface(process.stdin).on('line', (line) => void work[line]?.());
tell({ closed: true });
