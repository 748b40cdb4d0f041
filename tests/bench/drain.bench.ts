/** Ten thousand messages written while there was no server: how fast they go out when it is back, and what one feels. */
import { expect, type Page } from '@playwright/test';
import { ensurePackages } from '../../scripts/desktop/apt.ts';
import { provideElectron } from '../../scripts/electron/provide-electron.ts';
import { buildIfNeeded } from '../../scripts/lib/build-app.ts';
import { connectTo, expectOnline, openChat, row, signIn } from '../e2e/person.ts';
import { startDesktopSession } from '../helpers/desktop/desktop-session.ts';
import { MagpieProcess } from '../helpers/magpie-process.ts';
import { ServerProcess } from '../helpers/server-process.ts';
import type { Benchmark } from './benchmark.ts';
import { allShown, crowd, LIMITS, READER, SENDERS, senderName, standing } from './electron/crowd.ts';
import { feel } from './electron/feel.ts';

const MESSAGES = Number(process.env['MAGPIE_BENCH_BURST'] ?? 10_000);
/** Half of them wait in the conversation that is open, because that one is drawn. */
const OPEN = Math.floor(MESSAGES / 2);
const EACH = Math.floor((MESSAGES - OPEN) / (SENDERS - 1));
const ALL = OPEN + EACH * (SENDERS - 1);

/** Writes them by the bridge, as the composer does; gives the last text of each conversation. */
function queue(page: Page, openId: string): Promise<string[]> {
  return page.evaluate(
    async ({ open, count, each }) => {
      const bridge = Reflect.get(window, 'magpie') as {
        invoke(channel: string, input?: object): Promise<{ ok: boolean; value: unknown }>;
      };
      const list = (await bridge.invoke('conversations:list')).value as {
        conversations: { id: string; kind: string }[];
      };
      const singles = list.conversations.filter(({ kind }) => kind === 'single');
      return Promise.all(
        singles.map(async ({ id: conversationId }) => {
          const wanted = conversationId === open ? count : each;
          let text = '';
          for (let number = 1; number <= wanted; number++) {
            text = `${conversationId} hears ${number}: 明天下午三点开会`;
            const { ok } = await bridge.invoke('messages:send-text', { conversationId, text });
            if (!ok) throw new Error('the outbox did not take it');
          }
          return text;
        }),
      );
    },
    { open: openId, count: OPEN, each: EACH },
  );
}

export const benchmark: Benchmark = {
  title: `${ALL.toLocaleString('en')} queued messages, ${OPEN.toLocaleString('en')} of them in the open conversation, go out when the server is back`,
  async run() {
    await ensurePackages('test');
    const { executablePath } = await provideElectron();
    await buildIfNeeded();
    const server = await ServerProcess.start(['--log-level', 'silent', ...LIMITS]);
    const desktop = await startDesktopSession();
    let magpie: MagpieProcess | undefined;
    try {
      await crowd(server.origin);
      magpie = await MagpieProcess.launch(executablePath, desktop);
      const { page } = magpie;
      await connectTo(page, server.origin);
      await signIn(page, READER);
      await expectOnline(page);
      const chosen = row(page, senderName(SENDERS - 1)).first();
      await chosen.waitFor();
      const openId = (await chosen.getAttribute('data-conversation-id')) ?? '';
      await openChat(page, senderName(SENDERS - 1));
      const before = await standing(page);

      await server.stop();
      await expect(page.getByTestId('connection-status')).toHaveAttribute('data-state', 'offline');
      const queueing = Date.now();
      const lasts = await queue(page, openId);
      const queued = Date.now() - queueing;

      await page.getByTestId('composer-input').focus();
      const felt = await feel(magpie);
      const shown = allShown(page, lasts, 'sent');
      await server.restart();
      const start = Date.now();
      const total = (await shown) - start;
      const feelings = await felt();
      const after = await standing(page);
      return [
        { name: 'queued', value: queued / 1_000, unit: 's', goal: null },
        { name: 'all sent', value: total / 1_000, unit: 's', goal: null },
        { name: 'rate', value: ALL / (total / 1_000), unit: 'messages/s', goal: null },
        ...feelings,
        {
          name: 'messages that the server lacks or has twice',
          value: Math.abs(after.total - before.total - ALL),
          unit: '',
          goal: 0,
        },
      ];
    } finally {
      await magpie?.dispose();
      await desktop.stop();
      await server.dispose();
    }
  },
};
