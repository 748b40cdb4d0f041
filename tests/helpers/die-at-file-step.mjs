/**
 * Loaded into a program before its own modules: ends it, as a power cut would, right before the file operation with the
 * number in MAGPIE_TEST_DIE_AT (from 1). Counted is what changes names or begins a file.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const dieAt = Number(process.env.MAGPIE_TEST_DIE_AT);
const within = process.env.MAGPIE_TEST_DIE_IN ?? '';
let step = 0;

function counted(owner, name) {
  const original = owner[name];
  owner[name] = function (...input) {
    const concerned = input.some((one) => typeof one === 'string' && one.startsWith(within));
    if (concerned && ++step === dieAt) process.kill(process.pid, 'SIGKILL');
    return original.apply(this, input);
  };
}

for (const name of ['renameSync', 'rmSync', 'writeFileSync', 'createWriteStream']) counted(fs, name);
for (const name of ['rename', 'rm', 'link', 'mkdir', 'writeFile']) counted(fs.promises, name);
syncBuiltinESMExports();
