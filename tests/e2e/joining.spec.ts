/** Two apps of one office: the second finds the server of the first, or is invited, and trusts exactly its certificate. */
import { parseInvitation, formatInvitation } from '../../protocol/invitation.ts';
import { expectAccessible } from './accessible.ts';
import { expect, test, type MagpieProcess } from './fixtures.ts';
import {
  addContact,
  connectTo,
  expectConversation,
  expectOnline,
  openChat,
  register,
  send,
} from './person.ts';

/** The announcement and the search for it stay on the loopback interface, where the switch opens its door as well. */
const env = { MAGPIE_MDNS: '127.0.0.1', MAGPIE_OFFICE_HOST: '127.0.0.1' };

/** An app whose server others may join; gives the invitation. */
async function openOffice(magpie: MagpieProcess): Promise<string> {
  const { page } = magpie;
  await page.getByTestId('welcome-use-this-computer').click();
  await expect(page.getByTestId('sign-in-form')).toBeVisible({ timeout: 60_000 });
  await register(page, 'home_owner');
  await page.getByTestId('rail-settings').click();
  await page.getByTestId('office-switch').click();
  await expect(page.getByTestId('office-switch')).toHaveAttribute('data-sharing', 'on');
  const invitation = await magpie.copied(() => page.getByTestId('office-copy-invitation').click());
  expect(invitation).toContain('magpie://join');
  return invitation;
}

test('an app finds the server on its welcome screen, joins with one click, and is put out by the switch', async ({
  launchMagpie,
}) => {
  const home = await launchMagpie({ env });
  const invitation = parseInvitation(await openOffice(home));
  const away = await launchMagpie({ env });
  const found = away.page.getByTestId('found-server');
  await expect(found).toContainText(invitation?.origin ?? '-');
  await expect(found).toContainText((invitation?.fingerprint ?? '-').replaceAll(':', '').slice(0, 4));
  await expectAccessible(away.page, 'found servers');
  await away.page.getByTestId('found-join').click();
  await expect(away.page.getByTestId('sign-in-form')).toBeVisible();
  await register(away.page, 'colleague');
  await addContact(home.page, 'colleague');
  await openChat(home.page, 'colleague');
  await openChat(away.page, 'home_owner');
  await send(home.page, 'welcome to the office');
  await expectConversation(away.page, ['welcome to the office']);
  await send(away.page, 'thank you');
  await expectConversation(home.page, ['welcome to the office', 'thank you']);

  await home.page.getByTestId('rail-settings').click();
  await home.page.getByTestId('office-switch').click();
  await expect(away.page.getByTestId('connection-status')).not.toHaveAttribute('data-state', 'online');
  const late = await launchMagpie({ env });
  await expect(late.page.getByTestId('welcome-use-this-computer')).toBeVisible();
  await expect(late.page.getByTestId('found-server')).toHaveCount(0);

  // On again: whoever had joined is back without a question.
  await home.page.getByTestId('office-switch').click();
  await expect(away.page.getByTestId('connection-status')).toHaveAttribute('data-state', 'online', {
    timeout: 90_000,
  });
  await expect(late.page.getByTestId('found-server')).toContainText(invitation?.origin ?? '-');
  // Without a name first: one click leads into a window that works.
  await late.page.getByTestId('found-look-around').click();
  await expect(late.page.getByTestId('guest-sign-in')).toBeVisible();
  await expectOnline(late.page);
  expect([...home.problems(), ...away.problems(), ...late.problems()]).toEqual([]);
});

test('an invitation is pasted: shown, trusted without a question; one that names another certificate leads nowhere', async ({
  launchMagpie,
}) => {
  const home = await launchMagpie({ env: { ...env, MAGPIE_MDNS: 'off' } });
  const text = await openOffice(home);
  const invitation = parseInvitation(text);
  if (invitation === null) throw new Error('no invitation');
  const { page } = await launchMagpie();
  const address = page.getByTestId('welcome-server-url');

  const first = invitation.fingerprint.startsWith('00') ? '11' : '00';
  const forged = { ...invitation, fingerprint: first + invitation.fingerprint.slice(2) };
  await address.fill(formatInvitation(forged));
  await expect(page.getByTestId('welcome-invitation')).toContainText(invitation.origin);
  await page.getByTestId('welcome-connect').click();
  await expect(page.getByTestId('certificate-dialog')).toBeVisible();
  // It takes an answer: no key that is pressed by habit closes it.
  await page.keyboard.press('Escape');
  await page.getByTestId('certificate-refuse').click();
  await expect(page.getByTestId('sign-in-form')).toHaveCount(0);

  await address.fill(`  ${text}\n`);
  await expect(page.getByTestId('welcome-invitation')).toContainText(invitation.name);
  await expectAccessible(page, 'an invitation');
  await page.getByTestId('welcome-connect').click();
  await expect(page.getByTestId('sign-in-form')).toBeVisible();
  await register(page, 'invited');

  const curious = await launchMagpie();
  await curious.page.getByTestId('welcome-server-url').fill(text);
  await curious.page.getByTestId('welcome-look-around').click();
  await expect(curious.page.getByTestId('guest-sign-in')).toBeVisible();
  await expectOnline(curious.page);
  expect(curious.problems()).toEqual([]);
});

test('an invitation as a link from another program leads to the server, also where somebody is signed in elsewhere', async ({
  launchMagpie,
  startServer,
}) => {
  const home = await launchMagpie({ env: { ...env, MAGPIE_MDNS: 'off' } });
  const link = await openOffice(home);
  const { origin } = await startServer();
  const away = await launchMagpie();
  await connectTo(away.page, origin);
  await register(away.page, 'elsewhere');

  expect((await away.startAgain([link])).code).toBe(0);
  await expect(away.page.getByTestId('welcome-invitation')).toContainText(
    parseInvitation(link)?.origin ?? '-',
  );
  await away.page.getByTestId('welcome-connect').click();
  await expect(away.page.getByTestId('sign-in-form')).toBeVisible();
  await register(away.page, 'invited_by_link');
  await away.page.getByTestId('rail-settings').click();
  await expect(away.page.getByTestId('account-entry')).toHaveCount(2);
});
