import { expect } from '@playwright/test';
import { connectTo, expectOnline } from '../../tests/e2e/person.ts';
import { Camera } from './camera.ts';
import { launch, type Stage } from './stage.ts';

/** What a person sees before they have an account. */
export async function entrance(stage: Stage): Promise<string[]> {
  const magpie = await launch(stage);
  const { page } = magpie;
  const camera = new Camera(page);
  try {
    await expect(page.getByTestId('welcome-use-this-computer')).toBeVisible();
    await camera.take('welcome');
    await connectTo(page, stage.server.origin);
    await camera.take('sign-in');
    await page.getByTestId('sign-in-toggle').click();
    await camera.take('register');
    await page.getByTestId('sign-in-toggle').click();
    await page.getByTestId('sign-in-guest').click();
    await expectOnline(page);
    await expect(page.getByTestId('guest-sign-in')).toBeVisible();
    await camera.take('guest');
    return camera.pictures;
  } finally {
    await magpie.dispose();
  }
}
