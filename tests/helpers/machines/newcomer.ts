/** A computer on whose welcome screen somebody looks for servers; `join` registers at the first one that is found. */
import { createInterface } from 'node:readline';
import { createDiscovery } from '../../../electron/main/discovery/discovery.ts';
import { systemClock } from '../../../electron/main/support/clock.ts';
import { createLogger } from '../../../electron/main/support/logger.ts';
import { pinnedCall } from '../pinned-tls.ts';

const tell = (words: object): void => void process.stdout.write(`${JSON.stringify(words)}\n`);
const discovery = createDiscovery({
  interfaces: null,
  clock: systemClock,
  logger: createLogger((line) => void process.stderr.write(line), 'newcomer'),
  onChanged: (found) => tell({ found }),
});
const json = { username: 'newcomer', password: 'secret12' };
createInterface(process.stdin).on('line', (line) => {
  const [first] = discovery.servers;
  if (line !== 'join' || first === undefined) return;
  pinnedCall(first.origin, first.fingerprint, '/api/regChat', { json }).then(
    ({ status }) => tell({ joined: status }),
    (error: unknown) => tell({ problem: String(error) }),
  );
});
discovery.start();
tell({ found: [] });
