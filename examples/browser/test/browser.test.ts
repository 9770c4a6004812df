import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join, resolve} from 'node:path';

import type {Browser} from 'playwright-core';

import {chromiumPath, launch} from './chromium';
import {graphModel, images, layersModel, type ChosenFile} from './own_models';
import {serve, type Server} from './server';
import {longestTasks, TASK_CATEGORIES} from './tasks';
import {Visit} from './visit';

const SCREENSHOTS = resolve(__dirname, '../../../out/browser/views');
const TABS = ['train', 'own', 'one-shot', 'draw', 'download'];
const LONGEST_TASK_MS = 200;

const HOW = 'apt-get install chromium, or set CHROME_PATH';
if (!chromiumPath && !process.env.CI) {
  console.warn(`There is no Chromium here, so the page is not tested: ${HOW}.`);
}
// Where CI runs, a missing Chromium is a failure.
const withChromium = chromiumPath || process.env.CI ? describe : describe.skip;

withChromium('the page in headless Chromium', () => {
  let server: Server;
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    if (!chromiumPath) {
      throw new Error(`There is no Chromium: ${HOW}.`);
    }
    mkdirSync(SCREENSHOTS, {recursive: true});
    folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-page-'));
    server = await serve(resolve(__dirname, '..'));
    browser = await launch();
  });

  afterAll(async () => {
    await browser?.close();
    server?.stop();
    rmSync(folder, {recursive: true, force: true});
  });

  describe.each(['wasm', 'webgl'])('on %s', (backend) => {
    let visit: Visit;

    beforeAll(async () => {
      visit = await Visit.begin(browser, server.url);
    });

    afterAll(() => visit?.page.close());

    it('trains and prunes without holding up the page', async () => {
      await visit.page.evaluate(() => {
        const longTasks: number[] = [];
        Object.assign(window, {longTasks});
        new PerformanceObserver((list) =>
          longTasks.push(...list.getEntries().map(({duration}) => duration)),
        ).observe({type: 'longtask'});
      });
      await browser.startTracing(visit.page, {categories: TASK_CATEGORIES});
      const start = Date.now();
      await visit.train({backend, model: 'mlp', method: 'weights', sparsity: '90'});
      const seconds = (Date.now() - start) / 1000;
      const {count, wall, cpu} = longestTasks(await browser.stopTracing());
      const observed = await visit.page.evaluate<number[]>('longTasks');
      console.log(
        `${backend}: trained in ${seconds.toFixed(1)} s; longest of the page's ${count} tasks: ` +
          `${cpu.toFixed(0)} ms of the processor, ${wall.toFixed(0)} ms by the clock; ` +
          `${observed.filter((ms) => ms > LONGEST_TASK_MS).length} above ${LONGEST_TASK_MS} ms by it`,
      );
      expect(await visit.cells('Sparsity')).toEqual(['0.0 %', '90.0 %']);
      expect(await visit.cells('Weights that are zero')).toEqual(['0', '239,580']);
      expect(await visit.page.textContent('#memory')).toContain(`Backend: ${backend}`);
      // By the clock a task also takes what other programs take.
      expect(count).toBeGreaterThan(100);
      expect(cpu).toBeLessThan(LONGEST_TASK_MS);
    });

    it('learns', async () => {
      const [dense] = await visit.cells('Accuracy on 1,000 test digits');
      expect(parseFloat(dense)).toBeGreaterThan(50);
    });

    it('shows what pruning brings', async () => {
      const gains = visit.page.locator('#gains strong');
      const [download, prediction] = await gains.allInnerTexts();
      expect(parseFloat(download)).toBeGreaterThan(20);
      expect(download).toContain('times smaller');
      if (backend === 'wasm') {
        expect(parseFloat(prediction)).toBeGreaterThan(1.2);
        expect(prediction).toContain('times faster');
      }
      expect(await visit.page.evaluate('crossOriginIsolated')).toBe(true);
    });

    it('tells the accuracy of the slider’s sparsity after a sweep', async () => {
      await visit.show('one-shot');
      const told = () => visit.page.innerText('#one-shot-change');
      const before = await told();
      await visit.page.click('#sweep');
      await visit.page.waitForSelector('#sweep:enabled');
      expect(await told()).toBe(before);
      const note = await visit.page.innerText('#sweep-note');
      const [layer, model] = note.match(/\d+(?=\u00a0%)/g)!.map(Number);
      // Which weights matter least is better told over the whole model.
      expect(layer).toBeGreaterThan(0);
      expect(model).toBeGreaterThanOrEqual(layer);
      await visit.show('train');
    });

    it('draws charts, bars and the weights', async () => {
      expect(await visit.page.locator('.chart:visible canvas').count()).toBe(2);
      expect(await visit.page.locator('#bars .bar-share').allInnerTexts()).toHaveLength(3);
      const share = await visit.page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('#weights-picture')!;
        const {data} = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        let dark = 0;
        for (let i = 0; i < data.length; i += 4) {
          dark += Number(data[i] === 17 && data[i + 1] === 19 && data[i + 2] === 24);
        }
        return dark / (784 * 300);
      });
      // Of the whole model 90 % are pruned, and of its largest layer a few more.
      expect(share).toBeGreaterThan(0.88);
      expect(share).toBeLessThan(0.96);
    });

    it('prunes a copy at once, and leaves no tensors', async () => {
      const {page} = visit;
      const [dense] = await visit.cells('Accuracy on 1,000 test digits');
      await visit.show('one-shot');
      const slide = async (sparsity: string, zeros: string) => {
        await page.locator('[name=one-shot-sparsity]').fill(sparsity);
        await page.getByText(`${zeros} of 266,200 weights are zero`).waitFor();
        return (await page.innerText('#one-shot-accuracy')).replace('\u00a0', ' ');
      };
      await slide('99', '263,538');
      expect(await slide('0', '0')).toBe(dense);
      const tensors = async () => {
        await visit.show('one-shot');
        await page.waitForTimeout(200);
        return /[\d,]+ tensors/.exec((await page.textContent('#memory'))!)![0];
      };
      const before = await tensors();
      await slide('80', '212,960');
      expect(await tensors()).toBe(before);
    });

    it('answers for a digit by both models', async () => {
      await visit.show('draw');
      await visit.page.click('#test-digit');
      await expect(visit.page.locator('.answer-digit').nth(1).innerText()).resolves.toMatch(/^\d$/);
      expect(await visit.page.innerText('#dense-answer')).toMatch(/sure[^]*\d\.\d\d ms/);
      expect(await visit.page.innerText('#pruned-answer')).toMatch(/sure[^]*\d\.\d\d ms/);
    });

    it('answers for what is drawn', async () => {
      const {page} = visit;
      await page.click('#clear');
      await page.locator('#dense-answer', {hasText: 'Draw a digit'}).waitFor();
      const {x, y} = (await page.locator('#digit-canvas').boundingBox())!;
      await page.mouse.move(x + 140, y + 60);
      await page.mouse.down();
      await page.mouse.move(x + 140, y + 220, {steps: 5});
      await page.mouse.up();
      await page.locator('#pruned-answer .answer-digit').waitFor();
    });

    it.each([
      ['pruned', 'Pruned', 2, 6],
      ['packed', 'Packed', 1, 20],
    ])('downloads the %s model, and reads it back', async (what, title, files, leastRatio) => {
      await visit.show('train');
      const [, accuracy] = await visit.cells('Accuracy on 1,000 test digits');
      await visit.show('download');
      const [, , smaller] = await visit.cells(title);
      expect(parseFloat(smaller)).toBeGreaterThan(leastRatio);
      const to = mkdtempSync(join(folder, what));
      const paths = await visit.download(`#download-${what}`, files, to);
      const model = paths.find((path) => !path.endsWith('.bin'))!;
      await visit.show('own');
      await visit.page.setInputFiles('#model-files', paths);
      await visit.page.getByRole('heading', {name: basename(model)}).waitFor();
      expect(await visit.cells('Sparsity')).toEqual(['90.0 % (239,580 of 266,200 weights)']);
      expect(await visit.cells('Accuracy on 1,000 test digits')).toEqual([accuracy]);
    });

    it('asks no other server, and logs no error', () => {
      expect(visit.strangers).toEqual([]);
      expect(visit.errors).toEqual([]);
    });

    it.each([
      [1200, 'light'],
      [1200, 'dark'],
      [390, 'light'],
      [390, 'dark'],
    ] as const)('fits a width of %i, %s', async (width, colorScheme) => {
      const {page} = visit;
      await page.emulateMedia({colorScheme});
      await page.setViewportSize({width, height: 900});
      for (const tab of TABS) {
        await visit.show(tab);
        // Charts follow the width.
        await page.waitForTimeout(1500);
        const path = join(SCREENSHOTS, `${backend}_${tab}_${width}_${colorScheme}.png`);
        await page.screenshot({path, fullPage: true});
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      }
    });
  });

  it('removes channels of a CNN', async () => {
    const visit = await Visit.begin(browser, server.url, {width: 390});
    await visit.train({backend: 'wasm', model: 'cnn', method: 'channels', sparsity: '50'});
    const [dense, pruned] = await visit.cells('Parameters');
    expect([dense, pruned]).toEqual(['5,258', '2,346']);
    expect(await visit.page.locator('#channels .bar-share').allInnerTexts()).toEqual([
      '4 of 8 kept',
      '8 of 16 kept',
    ]);
    await visit.page.screenshot({path: join(SCREENSHOTS, 'cnn_390_light.png'), fullPage: true});
    expect(visit.errors).toEqual([]);
    await visit.page.close();
  });

  it('stops, and can start again on cpu', async () => {
    const visit = await Visit.begin(browser, server.url);
    await visit.choose({epochs: '20', backend: 'wasm'});
    await visit.page.click('#train-button');
    await visit.page.locator('#status', {hasText: 'Training: step'}).waitFor();
    await visit.page.click('#stop');
    await visit.page.locator('#status', {hasText: 'Stopped'}).waitFor();
    await visit.train({backend: 'cpu', epochs: '1'});
    expect(await visit.page.textContent('#memory')).toContain('Backend: cpu');
    expect(visit.errors).toEqual([]);
    await visit.page.close();
  });

  it('shows a network before the first click, and no discs over choices while it trains', async () => {
    const visit = await Visit.begin(browser, server.url);
    await visit.page.getByText('672 of 672 lines are left').waitFor();
    await visit.choose({epochs: '20', backend: 'wasm'});
    await visit.page.click('#train-button');
    await visit.page.locator('#status', {hasText: 'Training: step'}).waitFor();
    const opacities = await visit.page
      .locator('#train-form input[type=radio]')
      .evaluateAll((inputs) => inputs.map((input) => getComputedStyle(input).opacity));
    expect([...new Set(opacities)]).toEqual(['0']);
    await visit.page.click('#stop');
    await visit.page.close();
  });

  it.each([
    ['photo.png', '', 'There is no model in photo.png'],
    ['weights.bin', '', 'Give a model.json together with its weights files'],
    ['model.h5', '', 'model.h5 holds a model of Keras: convert it with tensorflowjs_converter'],
    ['model.tflite', '', 'Take the model that it was made from'],
    ['model.json', '{"modelTopology": {}}', 'model.json has no weights'],
    ['model.json', 'no', 'model.json is not JSON'],
    ['model.json', '{}', 'model.json holds no model of TensorFlow.js'],
    [
      'model.json',
      '{"modelTopology": {}, "weightsManifest": [{"paths": ["a.bin"], "weights": []}]}',
      'Choose these weights files together with model.json: a.bin',
    ],
    ['model.tfpack', 'no', 'model.tfpack is no packed model'],
  ])('says what is wrong with %s of "%s"', async (name, text, message) => {
    await refuses([{name, mimeType: '', buffer: Buffer.from(text)}], message);
  });

  it('says what is wrong with the weights, and with two models', async () => {
    const [model, weights] = layersModel();
    const short = {...weights, buffer: weights.buffer.subarray(0, -4)};
    await refuses([model, short], /w\.bin must have 2,132 bytes.*has 2,128/);
    await refuses([model, {...model, name: 'other.json'}, weights], 'Give one model at a time');
  });

  async function refuses(files: ChosenFile[], message: string | RegExp): Promise<void> {
    const visit = await Visit.begin(browser, server.url);
    await visit.show('own');
    await visit.page.setInputFiles('#model-files', files);
    await visit.page.locator('#alert', {hasText: message}).waitFor();
    expect(visit.errors).toEqual([]);
    await visit.page.close();
  }

  it('takes a model that is dropped anywhere, among other files, and no text for an image', async () => {
    const visit = await Visit.begin(browser, server.url);
    const {page} = visit;
    const notes = {name: 'package.json', mimeType: '', buffer: Buffer.from('{}')};
    const heading = page.getByRole('heading', {name: 'model.json'});
    // Chromium does not always hand out files of an event that was made on a busy machine.
    for (let drops = 0; drops < 5 && !(await heading.isVisible()); ++drops) {
      await visit.drop('h1', [notes, ...layersModel()]);
      await heading.waitFor({timeout: 20_000}).catch(() => {});
    }
    await heading.waitFor({timeout: 1000});
    await visit.drop('#image-zone', [{...notes, mimeType: 'application/json'}]);
    await page.locator('#alert', {hasText: 'package.json is no image'}).waitFor();
    expect(await page.innerText('#image-count')).toContain('Drop sample images here');
    expect(visit.errors).toEqual([]);
    await page.close();
  });

  it('prunes the page’s own digit reader where a visitor has no model', async () => {
    const visit = await Visit.begin(browser, server.url);
    const {page} = visit;
    await visit.show('own');
    expect(await page.locator('#own-example').isVisible()).toBe(false);
    await visit.show('train');
    await visit.train({backend: 'wasm', model: 'mlp'});
    await visit.show('own');
    await page.click('#own-example');
    await page.getByText('48 sample images').waitFor();
    await page.click('#own-prune');
    await page.locator('#own-gains', {hasText: 'Accuracy on 1,000 test digits'}).waitFor();
    const [download] = await page.locator('#own-gains strong').allInnerTexts();
    // 60 % of zeros, and 8 bits for the others.
    expect(parseFloat(download)).toBeGreaterThan(5);
    expect(visit.errors).toEqual([]);
    await page.close();
  });

  it.each([
    ['LayersModel', layersModel(), /out: Dense/],
    ['GraphModel', graphModel(), /conv: Conv2D/],
  ])('prunes a %s of a visitor on images, and hands it back', async (kind, files, node) => {
    const visit = await Visit.begin(browser, server.url, {width: 390});
    const {page} = visit;
    await visit.show('own');
    await page.setInputFiles('#model-files', files);
    await page.getByRole('cell', {name: kind}).waitFor();
    expect(await visit.cells('Takes images of')).toEqual(['8 × 8 × 3']);
    expect(await page.locator('#graph').textContent()).toMatch(node);
    await page.setInputFiles('#image-files', await images(page));
    await page.locator('[name=own-sparsity]').fill('75');
    await page.click('#own-prune');
    await page.locator('#status', {hasText: 'Done'}).waitFor();
    expect(await page.innerText('#own-gains')).toMatch(/\d+\.\d\s% apart/);
    expect(await page.innerText('#own-note')).toContain('solved for on your 24 images');
    expect(await page.locator('#graph').textContent()).toMatch(/weights, [1-9]\d\u00a0% zero/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.screenshot({path: join(SCREENSHOTS, `own_${kind}_390.png`), fullPage: true});
    const to = mkdtempSync(join(folder, kind));
    const [path] = await visit.download('#own-download', 1, to);
    await page.setInputFiles('#model-files', path);
    await page.getByRole('heading', {name: basename(path)}).waitFor();
    const [sparsity] = await visit.cells('Sparsity');
    expect(parseFloat(sparsity)).toBeCloseTo(75, 0);
    expect(visit.errors).toEqual([]);
    expect(visit.strangers).toEqual([]);
    await page.close();
  });

  it('is used by keyboard', async () => {
    const visit = await Visit.begin(browser, server.url);
    const {keyboard} = visit.page;
    const shown = () => visit.page.locator('[role=tabpanel]:visible').getAttribute('id');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    expect(await visit.page.getByText('The share of weights that are zero').isVisible()).toBe(true);
    await visit.page.focus('#tab-train');
    await keyboard.press('ArrowRight');
    expect(await shown()).toBe('own');
    await keyboard.press('End');
    expect(await shown()).toBe('download');
    await keyboard.press('ArrowRight');
    expect(await shown()).toBe('train');
    await keyboard.press('Tab');
    await keyboard.press('ArrowRight');
    expect(await visit.page.locator('[name=model][value=cnn]').isChecked()).toBe(true);
    await visit.page.close();
  });

  it('says so where WebGL is missing', async () => {
    const bare = await launch({webgl: false});
    try {
      const visit = await Visit.begin(bare, server.url);
      expect(await visit.page.locator('[name=backend][value=webgl]').isDisabled()).toBe(true);
      expect(await visit.page.innerText('#missing')).toContain('WebGL 2 is missing');
      expect(await visit.page.locator('[name=backend][value=wasm]').isChecked()).toBe(true);
    } finally {
      await bare.close();
    }
  });
});
