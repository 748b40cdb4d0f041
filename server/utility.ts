/**
 * The server as a utility process of the desktop app; what is said over the channel is in `protocol/embedded-server`.
 * Tells where it listens, or why it does not, answers what the app asks, and stops on `stop`. Started with a task, it does
 * that instead and ends.
 */
import { tasksOn } from './backup/tasks.ts';
import { AddressUnusableError, loadConfig, startServer } from './server.ts';
import type { RunningServer } from './server.ts';
import { SERVER_TASKS, orderToServer, serverQuestions } from '#protocol/embedded-server';
import type { ServerAnswers, ServerQuestion } from '#protocol/embedded-server';

/** What Electron adds to `process` in a utility process; declared here because this room may not import Electron. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

const parentPort = (process as typeof process & { parentPort?: ParentPort }).parentPort;

async function run(port: ParentPort): Promise<void> {
  if (await runTask(port, process.argv.slice(2))) return process.exit(0);
  const server = await startServer(loadConfig(process.argv.slice(2), process.env));
  const stop = (): void => {
    void server.stop().finally(() => process.exit(0));
  };
  const answer = answersOf(server);
  server.onBackupChange(() => port.postMessage({ type: 'backup-changed' }));
  port.on('message', ({ data }) => {
    const order = orderToServer.safeParse(data).data;
    if (order === undefined) return;
    if (order.type === 'stop') return stop();
    const { id, question, input } = order;
    answer(question, input).then(
      (value) => port.postMessage({ type: 'answer', id, value }),
      (error: unknown) => port.postMessage({ type: 'refusal', id, message: textOf(error) }),
    );
  });
  process.once('SIGTERM', stop);
  port.postMessage({ type: 'listening', origin: server.origin });
}

/** @returns whether there was one */
async function runTask(port: ParentPort, [word, folder]: readonly string[]): Promise<boolean> {
  const task = SERVER_TASKS.find((one) => one === word);
  if (task === undefined || folder === undefined) return false;
  const { dataDirectory } = loadConfig([], process.env);
  port.postMessage({ type: 'done', value: await tasksOn(dataDirectory)[task](folder) });
  return true;
}

function answersOf(server: RunningServer) {
  const answers: { [Name in ServerQuestion]: (input: unknown) => Promise<ServerAnswers[Name]> } = {
    'open-office': (input) => server.office.open(serverQuestions['open-office'].parse(input)),
    async 'rename-office'(input) {
      await server.office.rename(serverQuestions['rename-office'].parse(input).name);
      return null;
    },
    async 'close-office'() {
      await server.office.close();
      return null;
    },
    connections: async () =>
      (await server.connections()).map(({ id, username, address, deviceKind, since }) => ({
        ...{ id, username, address, deviceKind, since },
      })),
    'backup-state': () => server.backups.state(),
    async 'plan-backups'(input) {
      server.backups.configure(serverQuestions['plan-backups'].parse(input));
      return null;
    },
    'make-backup': async () => ({ path: (await server.backups.make()).path }),
  };
  return (question: ServerQuestion, input: unknown): Promise<unknown> => answers[question](input);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (parentPort === undefined) {
  process.stderr.write('magpie-server: utility.ts is started by the desktop app; use main.ts\n');
  process.exit(2);
} else {
  const port = parentPort;
  run(port).catch((error: unknown) => {
    const portTaken = error instanceof AddressUnusableError && error.isTaken;
    port.postMessage({ type: 'failed', message: textOf(error), portTaken });
    process.exit(1);
  });
}
