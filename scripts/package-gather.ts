// `npm run package:gather -- FROM TO`: the packages of all systems, each in a folder of its own below FROM as `npm run package`
// left them in dist/, become one release in TO: checked, with one list of checksums.
import { ActionableError, runScript } from './lib/fatal.ts';
import { gatherRelease } from './package/gather-release.ts';

await runScript(async () => {
  const [from, to] = process.argv.slice(2);
  if (from === undefined || to === undefined) throw new ActionableError('say where from and where to');
  const { version, files } = await gatherRelease(from, to);
  console.log(`${version}: ${files.length} files in ${to}`);
  return 0;
});
