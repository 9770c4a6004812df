import {mkdtempSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';

import {deepModel, graphModel, images, layersModel, sharded, type ChosenFile} from './own_models';
import {setStage} from './stage';
import {LONGEST_TASK_MS, longestTasksOf} from './tasks';
import {Visit} from './visit';
import {SCREENSHOTS, withChromium} from './with_chromium';

const file = (name: string, text: string, mimeType = ''): ChosenFile => ({
  ...{name, mimeType},
  buffer: Buffer.from(text),
});

/** `model.json` without weights, or with what is said of them. */
const modelJson = (rest: object = {}, topology: object = {}) =>
  file('model.json', JSON.stringify({modelTopology: topology, ...rest}));

const group = (paths: string[], weights: object[] = []) => ({weightsManifest: [{paths, weights}]});

withChromium('a visitor’s own model, in headless Chromium', () => {
  const stage = setStage();

  async function visitOwn(width = 1200): Promise<Visit> {
    const visit = await Visit.begin(stage.browser, stage.server.url, {width});
    await visit.show('own');
    return visit;
  }

  async function end({page, errors, strangers}: Visit): Promise<void> {
    expect(errors).toEqual([]);
    // Nothing leaves the tab.
    expect(strangers).toEqual([]);
    await page.close();
  }

  /** A new folder with these files. */
  function folderOf(files: readonly ChosenFile[]): string {
    const made = mkdtempSync(join(stage.folder, 'dropped-'));
    files.forEach(({name, buffer}) => writeFileSync(join(made, name), buffer));
    return made;
  }

  describe('of which something is wrong', () => {
    let visit: Visit;

    beforeAll(async () => {
      visit = await visitOwn();
    });

    afterAll(() => end(visit));

    const [model, weights] = layersModel();
    const short = {...weights, buffer: weights.buffer.subarray(0, -4)};
    const [graph, ...shards] = sharded(graphModel(), 5);

    it.each<[string, ChosenFile[], string | RegExp]>([
      [
        'an image alone',
        [file('photo.png', '', 'image/png')],
        /no model in photo\.png\. Give a model\.json .*; then sample images/,
      ],
      [
        'weights alone',
        [file('weights.bin', '')],
        'Give a model.json together with its weights files',
      ],
      ['many files', images8(), 'There is no model in 0.png, 1.png, 2.png and 5 more'],
      [
        'a Keras file',
        [file('model.h5', '')],
        'model.h5 holds a model of Keras: convert it with tensorflowjs_converter',
      ],
      ['a TensorFlow Lite file', [file('m.tflite', '')], 'Take the model that it was made from'],
      ['no weights', [modelJson()], 'model.json has no weights'],
      ['text', [file('model.json', 'no')], 'model.json is not JSON'],
      ['an empty file', [file('model.json', '')], 'model.json is empty'],
      ['another JSON', [file('model.json', '{}')], 'model.json holds no model of TensorFlow.js'],
      ['a list', [file('data.json', '[1, 2]')], 'data.json holds no model of TensorFlow.js'],
      [
        'layers of Keras alone',
        [file('model.json', '{"class_name": "Sequential", "config": {"layers": []}}')],
        'model.json holds the layers of a Keras model without its weights',
      ],
      [
        'a manifest of another kind',
        [modelJson({weightsManifest: {a: 1}})],
        'model.json is damaged: its weightsManifest does not list weights and files',
      ],
      [
        'a manifest without paths',
        [modelJson({weightsManifest: [{weights: []}]})],
        'model.json is damaged: its weightsManifest',
      ],
      [
        'no weights file',
        [modelJson(group(['a.bin']))],
        'Choose these weights files together with model.json: a.bin.',
      ],
      [
        'one shard of five',
        [graph, shards[0]],
        'together with model.json: group1-shard2of5.bin, group1-shard3of5.bin, group1-shard4of5.bin and 1 more',
      ],
      ['no packed model', [file('model.tfpack', 'no')], 'model.tfpack is no packed model'],
      ['an empty packed model', [file('model.tfpack', '')], 'model.tfpack is empty'],
      [
        'short weights',
        [model, short],
        /w\.bin must have 2,132 bytes for model\.json, but has 2,128\. It is damaged/,
      ],
      [
        'an empty shard',
        [graph, ...shards.slice(0, -1), {...shards[4], buffer: Buffer.alloc(0)}],
        /and 2 more must have [\d,]+ bytes together for model\.json, but have [\d,]+\. They are/,
      ],
      ['two models', [model, {...model, name: 'other.json'}, weights], 'Give one model at a time'],
      [
        'a model of Keras 3',
        [
          modelJson(group(['w.bin'], [{name: 'k', shape: [533], dtype: 'float32'}]), {
            keras_version: '3.5.0',
            model_config: {
              class_name: 'Sequential',
              config: {
                layers: [{class_name: 'InputLayer', config: {batch_shape: [null, 4], name: 'i'}}],
              },
            },
          }),
          weights,
        ],
        'model.json was written by Keras 3.5.0, whose models TensorFlow.js does not read',
      ],
    ])('says what is wrong with %s', async (_, files, message) => {
      await visit.page.setInputFiles('#model-files', files);
      await visit.page.locator('#alert', {hasText: message}).waitFor();
    });

    function images8(): ChosenFile[] {
      return Array.from({length: 8}, (_, i) => file(`${i}.png`, '', 'image/png'));
    }

    it('says so where no file is dropped', async () => {
      await visit.drop('h1', folderOf([]));
      await visit.page.locator('#alert', {hasText: 'no file in what was dropped'}).waitFor();
    });

    it('keeps the model that was there', async () => {
      const {page} = visit;
      await page.setInputFiles('#model-files', layersModel());
      await page.getByRole('heading', {name: 'model.json'}).waitFor();
      await page.setInputFiles('#model-files', file('no.json', ''));
      await page.locator('#alert', {hasText: 'no.json is empty'}).waitFor();
      expect(await page.locator('#inspection').isVisible()).toBe(true);
      await page.click('#own-prune');
      await page.locator('#status', {hasText: 'Done'}).waitFor();
    });
  });

  it('takes a folder that is dropped anywhere, and whatever else is in it', async () => {
    const visit = await Visit.begin(stage.browser, stage.server.url);
    const {page} = visit;
    const others = [
      file('package.json', '{}'),
      file('tsconfig.json', '// no JSON'),
      file('a.md', ''),
    ];
    await visit.drop('h1', folderOf([...others, ...sharded(graphModel(), 3)]));
    await page.getByRole('heading', {name: 'model.json'}).waitFor();
    expect(await visit.cells('Kind')).toEqual(['GraphModel']);
    await page.locator('#memory', {hasText: /wasm, [1-9]\d* tensors/}).waitFor();
    await end(visit);
  });

  it('reads a model that comes before the backend has started', async () => {
    const context = await stage.browser.newContext();
    let go = () => {};
    const isTime = new Promise<void>((resolve) => (go = resolve));
    await context.route('**/*.wasm', async (route) => {
      await isTime;
      await route.continue();
    });
    const visit = await Visit.begin(context, stage.server.url);
    const {page} = visit;
    await page.setInputFiles('#model-files', layersModel());
    await page.locator('#status', {hasText: 'Reading…'}).waitFor();
    go();
    await page.getByRole('heading', {name: 'model.json'}).waitFor();
    await end(visit);
    await context.close();
  });

  it('takes images beside their zone and in folders, and names what is none', async () => {
    const visit = await visitOwn();
    const {page} = visit;
    await visit.drop('#drop-zone', ...pathsOf(folderOf(layersModel()), layersModel()));
    await page.getByRole('heading', {name: 'model.json'}).waitFor();
    const some = await images(page, 5);
    const broken = file('broken.png', 'no', 'image/png');
    const hidden = file('.DS_Store', '');
    await visit.drop('h1', folderOf([...some, broken, hidden, file('labels.txt', 'a')]));
    await page.locator('#image-count', {hasText: '5 sample images of 8 × 8 pixels'}).waitFor();
    expect(await page.innerText('#status')).toMatch(
      /^Took 5 images\. .*: (broken\.png, labels\.txt|labels\.txt, broken\.png)\.$/,
    );
    await visit.drop('#image-zone', join(folderOf([broken]), 'broken.png'));
    await page.locator('#alert', {hasText: 'broken.png is no image that this browser'}).waitFor();
    // Those before are kept.
    expect(await page.innerText('#image-count')).toContain('5 sample images');
    const many = Array.from({length: 300}, (_, i) => ({...some[i % 5], name: `${i}.png`}));
    await page.setInputFiles('#image-files', many);
    await page.locator('#image-count', {hasText: '256 sample images'}).waitFor();
    expect(await page.innerText('#status')).toContain('256 images of 300 files, evenly spread');
    await end(visit);
  });

  function pathsOf(inside: string, files: readonly ChosenFile[]): string[] {
    return files.map(({name}) => join(inside, name));
  }

  it('does not see one image through another', async () => {
    const visit = await visitOwn();
    const {page} = visit;
    await page.setInputFiles('#model-files', layersModel());
    await page.getByRole('heading', {name: 'model.json'}).waitFor();
    const apart = async (files: ChosenFile[]) => {
      await page.setInputFiles('#image-files', files);
      await page.locator('#image-count', {hasText: `${files.length} sample images`}).waitFor();
      await page.click('#own-prune');
      await page.locator('#status', {hasText: 'Done'}).waitFor();
      return /\d+\.\d\s% apart/.exec(await page.innerText('#own-gains'))![0];
    };
    await page.locator('[name=own-sparsity]').fill('90');
    const [clear, dark] = [await images(page, 8, 0.1), await images(page, 8, 1)];
    expect(await apart([...dark, ...clear])).toBe(await apart([...clear, ...dark]));
    await end(visit);
  });

  it.each([
    ['LayersModel', layersModel(), /out: Dense/],
    ['GraphModel', sharded(graphModel(), 3), /conv: Conv2D/],
    ['GraphModel that takes one image of integers', graphModel(1), /conv: Conv2D/],
    ['GraphModel that takes five', graphModel(5), /conv: Conv2D/],
  ])('prunes a %s on images, and hands it back', async (title, files, node) => {
    const [kind] = title.split(' ');
    const visit = await visitOwn(390);
    const {page} = visit;
    await page.setInputFiles('#model-files', files);
    await page.getByRole('cell', {name: kind}).waitFor();
    expect(await visit.cells('Takes images of')).toEqual(['8 × 8 × 3']);
    expect(await page.locator('#graph').textContent()).toMatch(node);
    await page.setInputFiles('#image-files', await images(page));
    await page.locator('#image-count', {hasText: '24 sample images'}).waitFor();
    await page.locator('[name=own-sparsity]').fill('75');
    await page.click('#own-prune');
    await page.locator('#status', {hasText: 'Done'}).waitFor();
    expect(await page.innerText('#own-gains')).toMatch(/\d+\.\d\s% apart/);
    const used = title.endsWith('five') ? 20 : 24;
    expect(await page.innerText('#own-note')).toContain(`solved for on your ${used} images`);
    expect(await page.locator('#graph').textContent()).toMatch(/weights, [1-9]\d\u00a0% zero/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await page.screenshot({path: join(SCREENSHOTS, `own_${kind}_390.png`), fullPage: true});
    const to = mkdtempSync(join(stage.folder, kind));
    const [path] = await visit.download('#own-download', 1, to);
    await page.setInputFiles('#model-files', path);
    await page.getByRole('heading', {name: basename(path)}).waitFor();
    const [sparsity] = await visit.cells('Sparsity');
    expect(parseFloat(sparsity)).toBeCloseTo(75, 0);
    await end(visit);
  });

  it('does not hold up the page, however deep the model', async () => {
    const visit = await visitOwn();
    const {page} = visit;
    const dropped = folderOf(deepModel(80, 1));
    const some = folderOf(await images(page, 8));
    const {count, wall, cpu} = await longestTasksOf(stage.browser, page, async () => {
      await visit.drop('h1', dropped);
      await page.getByRole('heading', {name: 'model.json'}).waitFor();
      await visit.drop('#image-zone', some);
      await page.locator('#image-count', {hasText: '8 sample images'}).waitFor();
      await page.click('#own-prune');
      await page.locator('#status', {hasText: 'Done'}).waitFor();
      await visit.download('#own-download', 1, stage.folder);
    });
    console.log(
      `own model: longest of the page's ${count} tasks: ` +
        `${cpu.toFixed(0)} ms of the processor, ${wall.toFixed(0)} ms by the clock`,
    );
    expect(count).toBeGreaterThan(100);
    expect(cpu).toBeLessThan(LONGEST_TASK_MS);
    expect(await page.locator('#graph rect:not(.share)').count()).toBe(82);
    await end(visit);
  });

  it('is not disturbed by another model or a training while it is pruned', async () => {
    const visit = await visitOwn();
    const {page} = visit;
    await page.setInputFiles('#model-files', deepModel(40, 3));
    await page.getByRole('heading', {name: 'model.json'}).waitFor();
    await page.setInputFiles('#image-files', await images(page, 16));
    await page.locator('#image-count', {hasText: '16 sample images'}).waitFor();
    await page.click('#own-prune');
    await page.locator('#status', {hasText: /Pruning: \d+ of/}).waitFor();
    const opacities = await page
      .locator('#own-form :is([type=radio], [type=file])')
      .evaluateAll((inputs) => inputs.map((input) => getComputedStyle(input).opacity));
    expect([...new Set(opacities)]).toEqual(['0']);
    const refusal = page.locator('#alert', {hasText: 'Your model is being pruned. Wait'});
    await page.setInputFiles('#model-files', layersModel());
    await refusal.waitFor();
    await visit.show('train');
    await page.click('#train-button');
    await refusal.waitFor();
    await visit.show('own');
    await page.locator('#own-result').waitFor();
    expect(await page.innerText('#inspection-name')).toBe('model.json');
    expect(await page.innerText('#own-note')).toContain('solved for on your 16 images');
    await end(visit);
  });

  it('is chosen and pruned by keyboard', async () => {
    const visit = await visitOwn();
    const {page} = visit;
    const {keyboard} = page;
    // Some time before the key: Chromium would open a window of its own.
    const chooser = page.waitForEvent('filechooser');
    await keyboard.press('Tab');
    await page.locator('#model-files:focus').waitFor();
    await keyboard.press('Enter');
    await (await chooser).setFiles(layersModel());
    await page.getByRole('heading', {name: 'model.json'}).waitFor();
    await page.focus('[name=own-sparsity]');
    await keyboard.press('End');
    await page.focus('#own-prune');
    await keyboard.press('Enter');
    await page.locator('#status', {hasText: 'Done'}).waitFor();
    await page.locator('#own-prune:focus').waitFor();
    await keyboard.press('Tab');
    const download = page.waitForEvent('download');
    await keyboard.press('Enter');
    expect((await download).suggestedFilename()).toBe('model-pruned.tfpack');
    await end(visit);
  });

  it('may be the page’s own digit reader', async () => {
    const visit = await visitOwn();
    const {page} = visit;
    expect(await page.locator('#own-example').isVisible()).toBe(false);
    await page.getByRole('link', {name: 'Train one'}).click();
    await visit.train({backend: 'wasm', model: 'mlp'});
    await visit.show('own');
    await page.click('#own-example');
    await page.getByText('48 sample images').waitFor();
    await page.click('#own-prune');
    await page.locator('#own-gains', {hasText: 'Accuracy on 1,000 test digits'}).waitFor();
    const [download] = await page.locator('#own-gains strong').allInnerTexts();
    // 60 % of zeros, and 8 bits for the others.
    expect(parseFloat(download)).toBeGreaterThan(5);
    await end(visit);
  });
});
