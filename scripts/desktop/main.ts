// Runs a command with a desktop to show its windows on: npx tsx scripts/desktop/main.ts COMMAND [ARGUMENTS]
import { ActionableError, runScript } from '../lib/fatal.ts';
import { runChild } from '../lib/run-child.ts';
import { withDesktop } from './with-desktop.ts';

await runScript(async () => {
  const [command, ...args] = process.argv.slice(2);
  if (!command) throw new ActionableError('give the command to run');
  return withDesktop('run', ({ env }) => runChild(command, args, { env }));
});
