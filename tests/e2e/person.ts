/** What a person does in the window, in their words; every step waits for what the person would wait for. */
import { expect, type Locator, type Page } from '@playwright/test';

export const PASSWORD = 'correct-horse-9';

/** From the welcome screen to the sign-in form of a server. */
export async function connectTo(page: Page, origin: string): Promise<void> {
  await page.getByTestId('welcome-server-url').fill(origin);
  await page.getByTestId('welcome-connect').click();
  await expect(page.getByTestId('sign-in-form')).toBeVisible();
}

export async function register(page: Page, username: string, password = PASSWORD): Promise<void> {
  await page.getByTestId('sign-in-toggle').click();
  await page.getByTestId('sign-in-username').fill(username);
  await page.getByTestId('sign-in-password').fill(password);
  await page.getByTestId('sign-in-agree').click();
  await page.getByTestId('sign-in-submit').click();
  await expectOnline(page);
}

export async function signIn(page: Page, username: string, password = PASSWORD): Promise<void> {
  await page.getByTestId('sign-in-username').fill(username);
  await page.getByTestId('sign-in-password').fill(password);
  await page.getByTestId('sign-in-submit').click();
}

export async function expectOnline(page: Page): Promise<void> {
  await expect(page.getByTestId('connection-status')).toHaveAttribute('data-state', 'online', {
    timeout: 90_000,
  });
}

/** Finds somebody by name and asks for (or gets) their friendship. */
export async function addContact(page: Page, username: string): Promise<void> {
  await page.getByTestId('rail-contacts').click();
  await page.getByTestId('contact-search').fill(username);
  const result = page.getByTestId('contact-search-result').filter({ hasText: username });
  await result.getByTestId('contact-add').click();
  await page.getByTestId('confirm-ok').click();
}

export function row(page: Page, name: string): Locator {
  return page
    .getByTestId('conversation-row')
    .filter({ has: page.getByTestId('conversation-name').getByText(name, { exact: true }) });
}

export async function openChat(page: Page, name: string): Promise<void> {
  await page.getByTestId('rail-chats').click();
  await row(page, name).click();
  await expect(page.getByTestId('chat-title')).toContainText(name);
}

export async function send(page: Page, text: string): Promise<void> {
  const input = page.getByTestId('composer-input');
  await input.fill(text);
  await input.press('Enter');
  await expect(input).toHaveValue('');
}

/** Waits until exactly these texts, in this order, are what the open chat ends with and nothing is on its way. */
export async function expectConversation(page: Page, texts: string[]): Promise<void> {
  await expect
    .poll(async () => readWholeConversation(page), {
      timeout: 90_000,
      message: 'texts of the open conversation',
    })
    .toEqual(texts);
}

/**
 * All texts that people wrote in the open chat, from the first to the last; notices are left out. The list is virtual, so it is walked from the end
 * to the start and the pieces are put together by message id.
 */
export async function readWholeConversation(page: Page): Promise<string[]> {
  return page.getByTestId('message-list').evaluate(async (list) => {
    const scroller = [list, ...list.querySelectorAll('*')].find(
      (element) =>
        element.scrollHeight > element.clientHeight + 1 && getComputedStyle(element).overflowY !== 'visible',
    );
    const texts = new Map<string, string>();
    let order: string[] = [];
    const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const collect = () => {
      const slice: string[] = [];
      for (const element of list.querySelectorAll('[data-testid="message"][data-kind="text"]')) {
        const text = element.querySelector<HTMLElement>('[data-testid="message-text"]');
        if (text === null) continue;
        const id = element.getAttribute('data-message-id') ?? '';
        slice.push(id);
        texts.set(id, text.innerText);
      }
      // What is on screen is contiguous and overlaps what was: only its ends can be new.
      const first = slice.findIndex((id) => order.includes(id));
      const last = slice.findLastIndex((id) => order.includes(id));
      order =
        first < 0 ? [...slice, ...order] : [...slice.slice(0, first), ...order, ...slice.slice(last + 1)];
    };
    if (scroller === undefined) {
      await frame();
      collect();
      return order.map((id) => texts.get(id) ?? '');
    }
    scroller.scrollTop = scroller.scrollHeight;
    await frame();
    collect();
    for (let step = 0; step < 400; step += 1) {
      if (scroller.scrollTop <= 0) {
        const height = scroller.scrollHeight;
        await frame();
        collect();
        if (scroller.scrollTop <= 0 && scroller.scrollHeight === height) break;
      }
      scroller.scrollTop = Math.max(0, scroller.scrollTop - scroller.clientHeight * 0.6);
      await frame();
      collect();
    }
    scroller.scrollTop = scroller.scrollHeight;
    return order.map((id) => texts.get(id) ?? '');
  });
}

/** The draft as main has stored it: what a crash at this moment would leave. */
export async function storedDraft(page: Page, conversationName: string): Promise<string | undefined> {
  return page.evaluate(async (name) => {
    const bridge = Reflect.get(window, 'magpie') as {
      invoke(channel: string): Promise<{ value: { conversations: { name: string; draft: string }[] } }>;
    };
    const { value } = await bridge.invoke('conversations:list');
    return value.conversations.find((conversation) => conversation.name === name)?.draft;
  }, conversationName);
}

/** More stops than any screen has. */
const MOST_STOPS = 80;

/** Tab (or back, with `Shift+Tab`) until the element has the focus, as a person looks for it; it must come before long. */
export async function tabTo(page: Page, testId: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? '');
  let stops = 0;
  const look = async () => {
    const at = await focused();
    if (at !== testId && stops++ < MOST_STOPS) await page.keyboard.press(key);
    return at;
  };
  await expect.poll(look, { intervals: [0] }).toBe(testId);
}

/** Looks for the element by Tab and presses the key on it. */
export async function press(page: Page, testId: string, key = 'Enter'): Promise<void> {
  await expect(page.getByTestId(testId).first()).toBeVisible();
  await tabTo(page, testId);
  await page.keyboard.press(key);
}

/** From now on nothing of this conversation can be overheard. */
export async function alertStrongly(page: Page, name: string): Promise<void> {
  await openChat(page, name);
  await page.getByTestId('chat-details').click();
  const toggle = page.getByTestId('details-strong-alert');
  await toggle.click();
  await expect(toggle).toBeChecked();
  await page.getByTestId('chat-details').click();
}

/** What the window believes of the focus: the driver of the tests makes every page believe that it has it. */
export const setFocus = (page: Page, focused: boolean): Promise<void> =>
  page.evaluate((has) => {
    document.hasFocus = () => has;
    window.dispatchEvent(new Event(has ? 'focus' : 'blur'));
  }, focused);

/** From now on the app can be locked; leaves the settings open. */
export async function setPassphrase(page: Page, passphrase: string): Promise<void> {
  await page.getByTestId('rail-settings').click();
  await page.getByTestId('settings-lock-set').click();
  await page.getByTestId('lock-next').fill(passphrase);
  await page.getByTestId('lock-again').fill(passphrase);
  await page.getByTestId('lock-save').click();
  await expect(page.getByTestId('settings-lock-now')).toBeVisible();
}
