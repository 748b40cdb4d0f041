/** A computer whose server others may join: `open`, `close` and `rename NAME` on its standard input. */
import { createInterface } from 'node:readline';
import { defaultConfig, startServer } from '../../../server/server.ts';

const [folder = '', name = ''] = process.argv.slice(2);
const tell = (words: object): void => void process.stdout.write(`${JSON.stringify(words)}\n`);

const server = await startServer(defaultConfig({ port: 0, dataDirectory: folder, logLevel: 'warn' }));
const work: Record<string, (word: string) => Promise<unknown>> = {
  open: async () => tell(await server.office.open({ host: null, port: 7001, name, mdns: null })),
  close: async () => {
    await server.office.close();
    tell({ closed: true });
  },
  rename: async (word) => {
    await server.office.rename(word);
    tell({ renamed: word });
  },
};
createInterface(process.stdin).on('line', (line) => {
  const [order = '', ...rest] = line.split(' ');
  void work[order]?.(rest.join(' '));
});
tell({ closed: true });
