/** The window is a sandbox: no Node, no remote content, no way out, and main believes nothing it says. */
import { CONTENT_POLICY, META_POLICY } from '../../electron/main/app/content-policy.ts';
import { expect, test } from './fixtures.ts';
import { connectTo, register } from './person.ts';

test('the page has no Node, runs no foreign script and goes nowhere', async ({ launchMagpie }) => {
  const { page, app } = await launchMagpie();
  const globals = await page.evaluate(() => ({
    require: typeof Reflect.get(window, 'require'),
    process: typeof Reflect.get(window, 'process'),
    electron: typeof Reflect.get(window, 'electron'),
    bridge: Object.keys(Reflect.get(window, 'magpie') as object).sort(),
  }));
  expect(globals).toEqual({
    require: 'undefined',
    process: 'undefined',
    electron: 'undefined',
    bridge: ['invoke', 'on', 'stage', 'stageFolder'],
  });

  const preferences = await app.evaluate(({ webContents }) => {
    const [contents] = webContents.getAllWebContents();
    return (
      contents as unknown as { getLastWebPreferences(): Record<string, unknown> }
    ).getLastWebPreferences();
  });
  expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false });

  // eval and inline scripts are refused by the policy.
  // From a timer, because DevTools lifts the policy for the code that it runs itself.
  const evalRefused = await page.evaluate(
    () =>
      new Promise((resolve) => {
        setTimeout(() => {
          try {
            resolve(new Function('return 1')() !== 1);
          } catch {
            resolve(true);
          }
        });
      }),
  );
  expect(evalRefused).toBe(true);
  const inlineRan = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.__inlineRan = true';
    document.body.append(script);
    return Reflect.get(window, '__inlineRan') === true;
  });
  expect(inlineRan).toBe(false);

  const policy = await page.evaluate(async () => ({
    header: (await fetch(location.href)).headers.get('content-security-policy'),
    meta: [...document.querySelectorAll('meta[http-equiv="Content-Security-Policy"]')].map((element) =>
      element.getAttribute('content'),
    ),
  }));
  expect(policy).toEqual({ header: CONTENT_POLICY, meta: [META_POLICY] });
  const styleApplied = await page.evaluate(() => {
    const style = document.createElement('style');
    style.textContent = 'body { outline: 3px solid rgb(1, 2, 3) }';
    document.head.append(style);
    return getComputedStyle(document.body).outlineColor === 'rgb(1, 2, 3)';
  });
  expect(styleApplied).toBe(false);

  const fetched = await page.evaluate(() =>
    fetch('http://127.0.0.1:1/').then(
      () => 'sent',
      (error: Error) => error.name,
    ),
  );
  expect(fetched).toBe('TypeError');
  const permission = await page.evaluate(() =>
    navigator.permissions.query({ name: 'geolocation' }).then((status) => status.state),
  );
  expect(permission).toBe('denied');

  // Last, and observed from main: Playwright itself waits for ever for a navigation that is refused.
  const before = page.url();
  expect(before).not.toMatch(/^file:/);
  const visited = await app.evaluate(async ({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    if (window === undefined) throw new Error('no window');
    const attempts: string[] = [];
    const attempted = new Promise((resolve) => {
      window.webContents.on('will-frame-navigate', (details) => {
        attempts.push(`${details.url} ${details.defaultPrevented ? 'refused' : 'allowed'}`);
        resolve(undefined);
      });
    });
    await window.webContents.executeJavaScript(
      "window.open('http://127.0.0.1:1/window'); location.href = 'http://127.0.0.1:1/page'; undefined",
      true,
    );
    await attempted;
    return { attempts, url: window.webContents.getURL(), windows: BrowserWindow.getAllWindows().length };
  });
  expect(visited).toEqual({ attempts: ['http://127.0.0.1:1/page refused'], url: before, windows: 1 });
});

test('main checks every call of the bridge', async ({ launchMagpie, startServer }) => {
  const server = await startServer();
  const magpie = await launchMagpie();
  const { page } = magpie;
  const invoke = (channel: string, input?: unknown) =>
    page.evaluate(
      async ([name, value]) => {
        const bridge = Reflect.get(window, 'magpie') as {
          invoke(channel: string, input?: unknown): Promise<unknown>;
        };
        return bridge.invoke(name as string, value).then(
          (outcome) => outcome,
          (error: Error) => ({ thrown: error.message }),
        );
      },
      [channel, input],
    );
  expect(await invoke('messages:send-text', { conversationId: '../../etc', text: 'x' })).toMatchObject({
    ok: false,
    error: { code: 'invalid-input' },
  });
  expect(await invoke('messages:send-text', { conversationId: 'single:1', text: 'x' })).toMatchObject({
    ok: false,
    error: { code: 'not-signed-in' },
  });
  expect(await invoke('app:open-external', { url: 'file:///etc/passwd' })).toMatchObject({
    ok: false,
    error: { code: 'invalid-input' },
  });
  expect(await invoke('no:such-channel')).toHaveProperty('thrown');

  await connectTo(page, server.origin);
  await register(page, 'careful');
  expect(
    await invoke('messages:send-text', { conversationId: 'single:1', text: 'x'.repeat(20_001) }),
  ).toMatchObject({
    ok: false,
    error: { code: 'invalid-input' },
  });
  expect(
    await invoke('messages:send-text', { conversationId: 'single:1', text: { toString: 1 } }),
  ).toMatchObject({
    ok: false,
    error: { code: 'invalid-input' },
  });
  expect(magpie.problems().filter((line) => /unhandled|uncaught/i.test(line))).toEqual([]);
});
