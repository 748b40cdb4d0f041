import { expect } from '@playwright/test';
import { codePng } from '../../server/http/code-picture.ts';
import { expectOnline, register } from '../../tests/e2e/person.ts';
import { Camera } from './camera.ts';
import { launch, type Stage } from './stage.ts';

/** Whoever runs the server for the office. It is opened to this computer only: these pictures are nobody's business. */
export async function ownServer(stage: Stage): Promise<string[]> {
  const magpie = await launch(stage, { MAGPIE_OFFICE_HOST: '127.0.0.1', MAGPIE_MDNS: 'off' });
  const { page } = magpie;
  const camera = new Camera(page);
  try {
    await page.getByTestId('welcome-use-this-computer').click();
    await register(page, 'workshop');
    await expectOnline(page);
    await page.getByTestId('rail-settings').click();
    await page.getByTestId('settings-office').evaluate((section) => section.scrollIntoView());
    await page.getByTestId('office-name').fill('三楼 Workshop');
    await page.getByTestId('office-name-save').click();
    await page.getByTestId('office-switch').click();
    await expect(page.getByTestId('office-code')).toBeVisible();
    // Port and certificate are others in each run, and with them the code.
    const code = codePng('magpie://join?server=https://chat.example').toString('base64');
    await page
      .getByTestId('office-code')
      .evaluate((image: HTMLImageElement, data) => (image.src = data), `data:image/png;base64,${code}`);
    await page.getByTestId('settings-office').evaluate((section) => section.scrollIntoView());
    await camera.take('settings-office');
    return camera.pictures;
  } finally {
    await magpie.dispose();
  }
}
