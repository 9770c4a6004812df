/** Trains as a visitor would by default, and keeps a picture of each view for README.md. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

import type {Page} from 'playwright-core';

import {launch} from '../test/chromium';
import {serve} from '../test/server';
import {Visit} from '../test/visit';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}views/`;
/** Charts are drawn some time after their figures. */
const SETTLE_MS = 4000;

async function keep(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(SETTLE_MS);
  const png = (await page.screenshot()).toString('base64');
  const webp = await page.evaluate(async (text) => {
    const image = await createImageBitmap(
      await (await fetch(`data:image/png;base64,${text}`)).blob(),
    );
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext('2d')!.drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.8).split(',')[1];
  }, png);
  writeFileSync(`${folder}${name}.webp`, Buffer.from(webp, 'base64'));
}

mkdirSync(folder, {recursive: true});
const server = await serve(root);
const browser = await launch();
try {
  const visit = await Visit.begin(browser, server.url);
  const {page} = visit;
  await page.getByText('lines are left').waitFor();
  await keep(page, 'first');
  await page.click('#train-button');
  await page.locator('#status', {hasText: 'Done'}).waitFor();
  await keep(page, 'train');
  await visit.show('own');
  await page.click('#own-example');
  await page.getByText('48 sample images').waitFor();
  await page.click('#own-prune');
  await page.locator('#own-result').waitFor();
  await page.setViewportSize({width: 1200, height: 1300});
  await keep(page, 'own');
  await page.setViewportSize({width: 1200, height: 900});
  await visit.show('one-shot');
  await page.click('#sweep');
  await page.waitForSelector('#sweep:enabled');
  await keep(page, 'one_shot');
  await visit.show('draw');
  await page.click('#test-digit');
  await keep(page, 'draw');
  await visit.show('download');
  await keep(page, 'download');
} finally {
  await browser.close();
  server.stop();
}
