import {mkdtempSync} from 'node:fs';
import {basename, join} from 'node:path';

import {launch} from './chromium';
import {setStage} from './stage';
import {LONGEST_TASK_MS, longestTasksOf} from './tasks';
import {Visit} from './visit';
import {SCREENSHOTS, withChromium} from './with_chromium';

const ACCURACY = 'Accuracy on 1,000 test digits';
/** What the page's sweep tries, in percent. */
const SWEEP = [0, 20, 40, 50, 60, 70, 80, 85, 90, 95, 98];
const TABS = ['train', 'own', 'one-shot', 'draw', 'download'];

withChromium('the page in headless Chromium', () => {
  const stage = setStage();

  describe.each(['wasm', 'webgl'])('on %s', (backend) => {
    let visit: Visit;

    beforeAll(async () => {
      visit = await Visit.begin(stage.browser, stage.server.url);
    });

    // A test that failed may have left another view.
    beforeEach(() => visit.show('train'));

    afterAll(() => visit?.page.close());

    it('trains and prunes without holding up the page', async () => {
      await visit.page.evaluate(() => {
        const longTasks: number[] = [];
        Object.assign(window, {longTasks});
        new PerformanceObserver((list) =>
          longTasks.push(...list.getEntries().map(({duration}) => duration)),
        ).observe({type: 'longtask'});
      });
      const start = Date.now();
      const {count, wall, cpu} = await longestTasksOf(stage.browser, visit.page, () =>
        visit.train({backend, model: 'mlp', method: 'weights', sparsity: '90'}),
      );
      const seconds = (Date.now() - start) / 1000;
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
      const [dense] = await visit.cells(ACCURACY);
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
      // On WebGL it depends on the machine: what the page says is what it measured.
      expect(prediction).toMatch(/^[\d.]+ times (faster|slower)$|^as before$/);
      const [before, after] = await visit.cells('Prediction of 100 digits');
      const details = (await visit.page.locator('#gains dd').allInnerTexts()).join();
      expect(details.replace(/\u00a0/g, ' ')).toContain(`${before} → ${after}`);
      const title = backend === 'wasm' ? 'Prediction, with sparsify' : 'Prediction';
      expect(await visit.page.locator('#gains dt').allInnerTexts()).toContain(title);
      expect(await visit.page.evaluate('crossOriginIsolated')).toBe(true);
    });

    it('keeps what the slider says during a sweep, and tells how far pruning goes', async () => {
      const {page} = visit;
      const [dense] = (await visit.cells(ACCURACY)).map(parseFloat);
      await visit.show('one-shot');
      const told = () => page.innerText('#one-shot-change');
      const before = await told();
      await page.click('#sweep');
      await page.waitForSelector('#sweep:enabled');
      expect(await told()).toBe(before);
      const farthest = (await page.innerText('#sweep-note')).match(/\d+(?=\u00a0%)/g)!.map(Number);
      for (const [i, scope] of (['layer', 'global'] as const).entries()) {
        expect(SWEEP).toContain(farthest[i]);
        const next = SWEEP[SWEEP.indexOf(farthest[i]) + 1];
        expect(dense - (await visit.pruneAtOnce(farthest[i], scope))).toBeLessThan(1.05);
        if (next) {
          expect(dense - (await visit.pruneAtOnce(next, scope))).toBeGreaterThan(1.05);
        }
      }
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
      const [dense] = await visit.cells(ACCURACY);
      expect(await visit.pruneAtOnce(0)).toBe(parseFloat(dense));
      expect(await page.innerText('#one-shot-change')).toContain('0 of 266,200 weights are zero');
      const tensors = async () => {
        await page.evaluate(() => document.querySelector('#memory')!.replaceChildren());
        await visit.show('one-shot');
        await page.locator('#memory', {hasText: 'tensors'}).waitFor();
        return /[\d,]+ tensors/.exec((await page.textContent('#memory'))!)![0];
      };
      const before = await tensors();
      await visit.pruneAtOnce(80);
      expect(await page.innerText('#one-shot-change')).toContain('212,960 of 266,200');
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
      await visit.show('draw');
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
      const [, accuracy] = await visit.cells(ACCURACY);
      await visit.show('download');
      const [, , smaller] = await visit.cells(title);
      expect(parseFloat(smaller)).toBeGreaterThan(leastRatio);
      const to = mkdtempSync(join(stage.folder, what));
      const paths = await visit.download(`#download-${what}`, files, to);
      const model = paths.find((path) => !path.endsWith('.bin'))!;
      await visit.show('own');
      await visit.page.setInputFiles('#model-files', paths);
      await visit.page.getByRole('heading', {name: basename(model)}).waitFor();
      expect(await visit.cells('Sparsity')).toEqual(['90.0 % (239,580 of 266,200 weights)']);
      expect(await visit.cells(ACCURACY)).toEqual([accuracy]);
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
        await page.waitForFunction((to) => document.documentElement.scrollWidth === to, width);
        const path = join(SCREENSHOTS, `${backend}_${tab}_${width}_${colorScheme}.png`);
        await page.screenshot({path, fullPage: true});
      }
    });
  });

  it('removes channels of a CNN', async () => {
    const visit = await Visit.begin(stage.browser, stage.server.url, {width: 390});
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
    const visit = await Visit.begin(stage.browser, stage.server.url);
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
    const visit = await Visit.begin(stage.browser, stage.server.url);
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

  it('begins one training at a time, and leaves the keyboard where it was', async () => {
    const visit = await Visit.begin(stage.browser, stage.server.url);
    const {page} = visit;
    await visit.choose({epochs: '20', backend: 'wasm'});
    await page.focus('#train-button');
    await page.keyboard.press('Enter');
    await page.locator('#status', {hasText: 'Training: step'}).waitFor();
    expect(await page.locator('#train-button').isDisabled()).toBe(true);
    await page.locator('#stop:focus').press('Enter');
    await page.locator('#status', {hasText: 'Stopped'}).waitFor();
    expect(await page.locator('#train-button:focus').count()).toBe(1);
    expect(visit.errors).toEqual([]);
    await page.close();
  });

  it('shows a wrong number in options that are closed', async () => {
    const visit = await Visit.begin(stage.browser, stage.server.url);
    const {page} = visit;
    await visit.choose({epochs: '99'});
    const options = page.locator('#train-form details');
    await options.evaluate((details: HTMLDetailsElement) => (details.open = false));
    await page.click('#train-button');
    expect(await page.locator('[name=epochs]').isVisible()).toBe(true);
    expect(await page.locator('[name=epochs]:focus').count()).toBe(1);
    expect(visit.errors).toEqual([]);
    await page.close();
  });

  it('is as new when it is loaded again in the middle of a training', async () => {
    const visit = await Visit.begin(stage.browser, stage.server.url);
    const {page} = visit;
    await visit.choose({epochs: '20', backend: 'wasm', sparsity: '50'});
    await page.click('#train-button');
    await page.locator('#status', {hasText: 'Training: step'}).waitFor();
    await page.reload();
    await page.waitForSelector('#train-button:enabled');
    expect(await page.locator('[name=sparsity]').inputValue()).toBe('90');
    expect(await page.innerText('#sparsity-value')).toBe('90\u00a0%');
    expect(await page.locator('#progress').isVisible()).toBe(false);
    expect(visit.errors).toEqual([]);
    await page.close();
  });

  it('is used by keyboard', async () => {
    const visit = await Visit.begin(stage.browser, stage.server.url);
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
      const visit = await Visit.begin(bare, stage.server.url);
      expect(await visit.page.locator('[name=backend][value=webgl]').isDisabled()).toBe(true);
      expect(await visit.page.innerText('#missing')).toContain('WebGL 2 is missing');
      expect(await visit.page.locator('[name=backend][value=wasm]').isChecked()).toBe(true);
    } finally {
      await bare.close();
    }
  });
});
