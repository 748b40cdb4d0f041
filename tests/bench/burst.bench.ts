/** Ten thousand messages at once, over fifty conversations with one of them open: how long it takes, and what one feels. */
import http from 'node:http';
import { ensurePackages } from '../../scripts/desktop/apt.ts';
import { provideElectron } from '../../scripts/electron/provide-electron.ts';
import { buildIfNeeded } from '../../scripts/lib/build-app.ts';
import { connectTo, expectOnline, openChat, row, signIn } from '../e2e/person.ts';
import { startDesktopSession } from '../helpers/desktop/desktop-session.ts';
import { MagpieProcess } from '../helpers/magpie-process.ts';
import type { PlainAccount } from '../helpers/plain-egg-im/plain-client.ts';
import { ServerProcess } from '../helpers/server-process.ts';
import type { Benchmark } from './benchmark.ts';
import { allShown, crowd, LIMITS, READER, SENDERS, senderName, standing } from './electron/crowd.ts';
import { feel } from './electron/feel.ts';

const MESSAGES = Number(process.env['MAGPIE_BENCH_BURST'] ?? 10_000);
const EACH = Math.ceil(MESSAGES / SENDERS);
const PATIENCE = 600_000;

const lastText = (index: number) => `${senderName(index)} says ${EACH}`;

/** Everything by one connection per sender, each message when the last one was answered. */
async function pour(origin: string, senders: readonly PlainAccount[], reader: PlainAccount): Promise<void> {
  const agent = new http.Agent({ keepAlive: true });
  const send = (sender: PlainAccount, text: string) =>
    new Promise<void>((resolve, reject) => {
      const body = JSON.stringify({
        sendto_id: reader.id,
        chatType: 'single',
        type: 'text',
        data: JSON.stringify({ data: text, otherData: null }),
        options: encodeURIComponent('{}'),
      });
      const request = http.request(
        `${origin}/api/chat/socket/sendmessage`,
        {
          agent,
          method: 'POST',
          headers: {
            token: sender.token,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          },
        },
        (answer) => {
          answer.resume().on('end', () => {
            if (answer.statusCode === 200) resolve();
            else reject(new Error(`the server answered ${answer.statusCode}`));
          });
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  await Promise.all(
    senders.map(async (sender, index) => {
      for (let number = 1; number <= EACH; number++)
        await send(
          sender,
          number === EACH ? lastText(index) : `${senderName(index)} says ${number}: 明天下午三点开会`,
        );
    }),
  );
  agent.destroy();
}

export const benchmark: Benchmark = {
  title: `${MESSAGES.toLocaleString('en')} messages over ${SENDERS} conversations, as fast as the server takes and pushes them`,
  async run() {
    await ensurePackages('test');
    const { executablePath } = await provideElectron();
    await buildIfNeeded();
    const server = await ServerProcess.start(['--log-level', 'silent', ...LIMITS]);
    const desktop = await startDesktopSession();
    let magpie: MagpieProcess | undefined;
    try {
      const { reader, senders } = await crowd(server.origin);
      magpie = await MagpieProcess.launch(executablePath, desktop);
      const { page } = magpie;
      await connectTo(page, server.origin);
      await signIn(page, READER);
      await expectOnline(page);
      await row(page, senderName(SENDERS - 1))
        .first()
        .waitFor();
      await openChat(page, senderName(SENDERS - 1));
      await page.getByTestId('composer-input').focus();

      const felt = await feel(magpie);
      const shown = allShown(
        page,
        senders.map((_sender, index) => lastText(index)),
      );
      const start = Date.now();
      const timer = setTimeout(() => void magpie?.kill(), PATIENCE);
      await pour(server.origin, senders, reader);
      const taken = Date.now() - start;
      const total = (await shown) - start;
      clearTimeout(timer);
      const feelings = await felt();
      const { total: numbers, here } = await standing(page);
      return [
        { name: 'the server took them all', value: taken / 1_000, unit: 's', goal: null },
        { name: 'all stored and shown', value: total / 1_000, unit: 's', goal: null },
        { name: 'rate', value: MESSAGES / (total / 1_000), unit: 'messages/s', goal: null },
        { name: 'behind the server at the end', value: Math.max(0, total - taken), unit: 'ms', goal: null },
        ...feelings,
        { name: 'messages missing in history', value: numbers - here, unit: '', goal: 0 },
      ];
    } finally {
      await magpie?.dispose();
      await desktop.stop();
      await server.dispose();
    }
  },
};
