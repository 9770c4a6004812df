/** Uses the page as a visitor would, and keeps a picture of each view. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

import type {Locator, Page} from 'playwright-core';

import {launch} from '../test/chromium';
import {serve} from '../test/server';
import {Visit} from '../test/visit';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}views/`;
const WIDE = {width: 1120, height: 820};
const NARROW = {width: 390, height: 844};
/** Longest wait for one thing: the default training takes half a minute on two cores. */
const TIMEOUT_MS = 240_000;
/** Charts are drawn some time after their figures. */
const CHART_MS = 3500;

/** Keeps what is seen of the page, or an element of it, as WebP. */
async function keep(name: string, shown: Page | Locator): Promise<void> {
  const page = 'page' in shown ? shown.page() : shown;
  const png = (await shown.screenshot({animations: 'disabled'})).toString('base64');
  const webp = await page.evaluate(async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext('2d')!.drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.75).split(',')[1];
  }, png);
  writeFileSync(`${folder}${name}.webp`, Buffer.from(webp, 'base64'));
  console.log(`${performance.now().toFixed(0).padStart(7)} ms  ${name}.webp`);
}

mkdirSync(folder, {recursive: true});
const server = await serve(root);
const browser = await launch();
try {
  const visit = await Visit.begin(browser, server.url);
  const {page} = visit;
  page.setDefaultTimeout(TIMEOUT_MS);
  const status = (text: string) => page.locator('#status', {hasText: text}).waitFor();
  const top = () => page.evaluate(() => window.scrollTo(0, 0));
  await page.setViewportSize(WIDE);
  await page.getByText('lines are left').waitFor();
  await keep('first', page);

  await page.click('#train-button');
  await status('Pruning: step');
  await page.locator('#share-chart canvas').waitFor();
  await page.waitForTimeout(CHART_MS);
  await keep('training', page);
  await status('Done');
  await page.waitForTimeout(CHART_MS);
  await top();
  await keep('result', page);
  await keep('network', page.locator('.card', {has: page.locator('#network')}));
  await page.setViewportSize(NARROW);
  await page.waitForTimeout(CHART_MS);
  await top();
  await page.locator('#result').scrollIntoViewIfNeeded();
  await keep('result_390', page);
  await page.setViewportSize(WIDE);

  await visit.show('one-shot');
  await page.click('#sweep');
  await page.waitForSelector('#sweep:enabled');
  await page.waitForTimeout(CHART_MS);
  await keep('one_shot', page);
  await visit.show('draw');
  await page.click('#test-digit');
  await page.locator('#pruned-answer .answer-digit').waitFor();
  await keep('draw', page);
  await visit.show('download');
  await keep('download', page);

  await visit.show('own');
  await page.click('#own-example');
  await page.getByText('48 sample images').waitFor();
  await top();
  await page.setViewportSize({...WIDE, height: 1100});
  await keep('own_before', page);
  await page.click('#own-prune');
  await status('Done');
  await page.setViewportSize({...WIDE, height: 1360});
  await top();
  await keep('own_after', page);
  await page.setViewportSize(NARROW);
  await page.locator('#own-result').scrollIntoViewIfNeeded();
  await keep('own_390', page);
} finally {
  await browser.close();
  server.stop();
}
