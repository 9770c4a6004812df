/**
 * What the learning rate does while weights are pruned, on MNIST: accuracy in %, mean
 * (least to most) over seeds, of trainings of equal length.
 *
 * - `one cosine`: gradually, at one that falls once, over the whole training.
 * - `fine-tuned`: a dense training of half of the epochs with a falling learning rate,
 *   then pruned at once and trained on at the small one.
 * - `rewound once`: the same, but the learning rate starts and falls again.
 * - `gradual, then rewound`: gradually in the first half, with a cosine for each half.
 * - `rewound four times`: pruned at once four times, each time the same share of what is
 *   left, with a cosine for each.
 *
 * Started again, it goes on where it was interrupted.
 *
 *     npm run bench:rewinding [-- --nets lenet300 --seeds 3 --images 3000]
 */
import type {Callback, LayersModel} from '@tensorflow/tfjs-layers';
import {Command, Option} from 'commander';
import {
  LearningRateRewinding,
  piecewiseConstant,
  polynomialDecay,
  stripPruning,
  WeightPruner,
} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {batches} from '../examples/mnist/data';
import {MODELS, type ModelName} from '../examples/mnist/models';
import {loadData} from './data';
import {NETS, percentRight, Study} from './study';
import {momentum} from './training';

const NET_NAMES = ['lenet300', 'lenet5'] as const;
const PERCENT = [98, 99];
const BATCH = 64;
const LEARNING_RATE = 0.05;

const options = new Command('npm run bench:rewinding --')
  .addOption(new Option('--backend <name>').choices(['tensorflow-gpu', 'tensorflow', 'wasm']))
  .addOption(new Option('--nets <names...>').choices(NET_NAMES).default(NET_NAMES))
  .option('--images <n>', 'to train with, the first of so many', Number, 3000)
  .option('--epochs <n>', 'of a training', Number, 6)
  .option('--seeds <n>', 'runs of each', Number, 3)
  .parse()
  .opts<{
    backend?: string;
    nets: Array<(typeof NET_NAMES)[number]>;
    images: number;
    epochs: number;
    seeds: number;
  }>();
await startBackend(options.backend);

const {train, test} = loadData('mnist', options.images);
const steps = Math.ceil(train.count / BATCH) * options.epochs;
const half = steps >> 1;

const scope = 'global';
const gradual = (finalSparsity: number, endStep: number) =>
  polynomialDecay({initialSparsity: 0, finalSparsity, beginStep: 0, endStep});
const cosines = (schedule: ConstructorParameters<typeof LearningRateRewinding>[0]['schedule']) =>
  new LearningRateRewinding({schedule, endStep: steps});

/** The callbacks of each way to a sparsity. */
const WAYS: Readonly<Record<string, (sparsity: number) => Callback[]>> = {
  'one cosine': (sparsity) => [
    new WeightPruner({schedule: gradual(sparsity, Math.round(0.6 * steps)), scope}),
    cosines([]),
  ],
  'fine-tuned': (sparsity) => [
    new WeightPruner({schedule: piecewiseConstant([[half, sparsity]]), scope}),
    new LearningRateRewinding({schedule: [], endStep: half}),
  ],
  'rewound once': (sparsity) => {
    const schedule = piecewiseConstant([[half, sparsity]]);
    return [new WeightPruner({schedule, scope}), cosines(schedule)];
  },
  'gradual, then rewound': (sparsity) => {
    const schedule = gradual(sparsity, half);
    return [new WeightPruner({schedule, scope}), cosines(schedule)];
  },
  'rewound four times': (sparsity) => {
    const left = (1 - sparsity) ** (1 / 4);
    const schedule = piecewiseConstant(
      [1, 2, 3, 4].map((i) => [Math.round((i * steps) / 5), 1 - left ** i]),
    );
    return [new WeightPruner({schedule, scope}), cosines(schedule)];
  },
};

const study = new Study('rewinding', `${options.images} images, ${options.epochs} epochs`);
for (const net of options.nets) {
  const {title, model: name} = NETS[net];
  for (let seed = 1; seed <= options.seeds; ++seed) {
    for (const percent of PERCENT) {
      for (const [way, callbacks] of Object.entries(WAYS)) {
        await study.measure(`${title}, ${percent} %, ${way}`, seed, async () => ({
          accuracy: await run(name, seed, callbacks(percent / 100)),
        }));
      }
    }
  }
}
study.print();

async function run(name: ModelName, seed: number, callbacks: Callback[]): Promise<number> {
  const model: LayersModel = MODELS[name](seed);
  const optimizer = momentum(LEARNING_RATE)();
  model.compile({optimizer, loss: 'categoricalCrossentropy'});
  const data = batches(train, BATCH, seed);
  await model.fitDataset(data, {epochs: options.epochs, verbose: 0, callbacks});
  const value = await percentRight(stripPruning(model), test);
  model.dispose();
  return value;
}
