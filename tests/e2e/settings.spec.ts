/** The way through the settings. */
import { expect, test } from './fixtures.ts';
import { connectTo, register } from './person.ts';

test('an index beside the settings leads to each section, follows the reading, and makes room in a small window', async ({
  launchMagpie,
  startServer,
}) => {
  const { origin } = await startServer();
  const { page, app } = await launchMagpie();
  await connectTo(page, origin);
  await register(page, 'ann_settings');
  await page.getByTestId('rail-settings').click();

  const index = page.getByTestId('settings-index');
  const entry = (name: string) => index.getByRole('button', { name, exact: true });
  await expect(entry('Account')).toHaveAttribute('aria-current', 'location');

  // Each heading of the page is in the index, in the same order.
  await expect(async () => {
    const headings = await page.getByRole('heading', { level: 2 }).allTextContents();
    expect(await index.getByRole('button').allTextContents()).toEqual(headings);
  }).toPass({ timeout: 30_000 });

  // Also where the page ends before the section comes up to its top.
  for (const name of ['Notifications', 'About', 'Writing']) {
    await entry(name).click();
    await expect(entry(name)).toHaveAttribute('aria-current', 'location');
    await expect(page.getByRole('heading', { level: 2, name, exact: true })).toBeInViewport();
    await expect(page.getByRole('region', { name, exact: true })).toBeFocused();
  }
  await page.getByRole('heading', { level: 2, name: 'Account', exact: true }).scrollIntoViewIfNeeded();
  await expect(entry('Account')).toHaveAttribute('aria-current', 'location');

  // By a word, of the name or of the explanation, to the one setting; in the window's language.
  const search = page.getByTestId('settings-search');
  await search.fill('passphr');
  await expect(page.getByTestId('settings-found').first()).toContainText('Lock');
  await search.fill('no such words');
  await expect(page.getByTestId('settings-found')).toHaveCount(0);
  await expect(index).toContainText('No setting with these words');
  await search.fill('crash reports');
  await expect(page.getByTestId('settings-found')).toHaveText(['DiagnosticsNetwork']);
  await search.press('Enter');
  await expect(page.getByTestId('settings-diagnostics')).toBeInViewport();
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('settings-diagnostics')).toBeFocused();
  await search.fill('connection check');
  await page.getByTestId('settings-found').click();
  await expect(page.getByTestId('settings-doctor')).toBeInViewport();
  await search.press('Escape');
  await expect(search).toHaveValue('');
  await expect(entry('Account')).toBeVisible();

  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(760, 600));
  await expect(index).toBeHidden();
  await expect(page.getByRole('heading', { level: 2, name: 'Account', exact: true })).toBeVisible();
});
