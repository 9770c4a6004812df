import type {Browser, Page} from 'playwright-core';

import type {Findings} from './backends/checks';
import {servePage} from './backends/serve_page';
import {launch} from './chromium';
import type {Server} from './server';
import {withChromium} from './with_chromium';

const EXPECTED = {
  report: {
    zeros: [36, 0, 0, 0],
    channels: [[1, 3], [], [], []],
  },
  masks: {zeros: 15, mask: 15, after: 15},
  selection: [9, 21, 2700, 6300, 48000, 112000],
  structures: [480, 488, 482, 108],
  channels: {
    zero: [2, 3, 4, 0],
    shapes: ['3,3,2,2', '2', '2', '2', '3,3,2,3', '3', '48,4', '4', '4,2', '2', '2', '2'],
    same: true,
    folded: true,
  },
  reconstruction: {
    same: true,
    improved: true,
    left: 0,
    errors: ['conv 0.14', 'second 0.17', 'hidden 0.01', 'out 0.00'],
  },
};

withChromium('in Chromium', () => {
  let server: Server;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    server = await servePage();
    browser = await launch({webgpu: true});
    page = await browser.newPage();
    await page.goto(server.url);
  });

  afterAll(async () => {
    await browser?.close();
    server?.stop();
  });

  it.each(['wasm', 'webgl', 'webgpu'])(
    '%s reports, masks, selects, prunes and shrinks',
    async (backend) => {
      const found = await page.evaluate(
        (name) =>
          (window as unknown as {findingsOn(backend: string): Promise<Findings>}).findingsOn(name),
        backend,
      );
      expect(found).toEqual({backend, ...EXPECTED});
    },
  );
});
