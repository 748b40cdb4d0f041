// `npm run test:conformance`: does our server speak egg-im? `-- --origin URL [--salt TEXT]` asks another server; faults
// of the original that it shows are listed as expected differences. `--only TEXT` runs tests with that text in their name.
import { parseArgs } from 'node:util';
import { runScript } from './lib/fatal.ts';
import { repositoryRoot } from './lib/paths.ts';
import { runChild } from './lib/run-child.ts';
import { join } from 'node:path';

const SUITE = 'tests/integration/egg-im/conformance.test.ts';

await runScript(async () => {
  const { values } = parseArgs({
    options: { origin: { type: 'string', default: '' }, salt: { type: 'string' }, only: { type: 'string' } },
  });
  const program = join(repositoryRoot, 'node_modules/vitest/vitest.mjs');
  return runChild(
    process.execPath,
    [
      ...[program, 'run', '--project', 'integration', '--reporter=verbose', SUITE],
      ...(values.only === undefined ? [] : ['--testNamePattern', values.only]),
    ],
    {
      cwd: repositoryRoot,
      env: {
        ...process.env,
        MAGPIE_CONFORMANCE_ORIGIN: values.origin,
        ...(values.salt === undefined ? {} : { MAGPIE_CONFORMANCE_SALT: values.salt }),
      },
    },
  );
});
