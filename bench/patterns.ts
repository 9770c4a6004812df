/**
 * What a pattern of zeros costs and gains: the accuracy of nets on MNIST, pruned while they
 * train by `PolynomialDecay`, and the milliseconds of a prediction on WebAssembly after
 * `sparsify`. Single weights, and blocks of 2 and 4 neighboring outputs; the same sparsity in
 * each layer, or one for all together.
 *
 *     npm run bench:patterns [-- --images 10000 --seeds 3 --only lenet5 --sparsities 0.9]
 */
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import Table from 'cli-table3';
import {Command} from 'commander';
import {PolynomialDecay, stripPruning} from 'tfjs-prune';

import {startBackend} from '../examples/mnist/backend';
import {accuracy} from '../examples/mnist/measure';
import {compile, MODELS} from '../examples/mnist/models';
import {imagesOption, loadData} from './data';
import {printResult, spread} from './result';
import {measureNetwork} from './sparse/networks';
import {fit, momentum} from './training';

/** The nets, and the batch that a prediction takes. */
const NETS = {
  mlp: {title: 'MLP 784-300-100-10', batch: 1},
  lenet5: {title: 'LeNet-5', batch: 1},
} as const;
const BLOCKS = [1, 2, 4] as const;
const SCOPES = ['layer', 'global'] as const;

const options = new Command('npm run bench:patterns --')
  .addOption(imagesOption)
  .option('--seeds <n>', 'how many', Number, 3)
  .option('--epochs <n>', 'of dense training, and again of pruning', Number, 2)
  .option('--rounds <n>', 'turns of each prediction', Number, 11)
  .option('--only <net>', 'the name of a net', '')
  .option('--sparsities <s...>', 'shares of zeros', ['0.8', '0.9', '0.95'])
  .option('--backend <name>', 'to train with')
  .parse()
  .opts<{
    images: number;
    seeds: number;
    epochs: number;
    rounds: number;
    only: string;
    sparsities: string[];
    backend?: string;
  }>();

console.log(`Trained on: ${await startBackend(options.backend)}`);
const trainer = tf.getBackend();
const {train, test} = loadData('mnist', options.images);
const sparsities = options.sparsities.map(Number);
const figures: Record<string, number> = {};

for (const name of ['mlp', 'lenet5'] as const) {
  if (!name.includes(options.only)) {
    continue;
  }
  const {title, batch} = NETS[name];
  const accuracies: Record<string, number[]> = {};
  const times: Record<string, number[]> = {};
  const factors: Record<string, number[]> = {};
  const note = (kept: Record<string, number[]>, key: string, value: number) =>
    (kept[key] ??= []).push(value);
  for (let seed = 1; seed <= options.seeds; ++seed) {
    const dense = MODELS[name](seed);
    await fit(dense, {optimizer: momentum(0.02)(), train, epochs: options.epochs, seed});
    note(accuracies, 'dense', 100 * (await accuracy(dense, test)));
    for (const sparsity of sparsities) {
      for (const block of BLOCKS) {
        for (const scope of SCOPES) {
          const key = keyOf(block, scope, sparsity);
          const model = MODELS[name](seed);
          model.setWeights(dense.getWeights());
          await fit(model, {
            ...{optimizer: momentum(0.02)(), train, epochs: options.epochs, seed: seed + 100},
            prune: (steps) => [decay(steps, sparsity, block, scope)],
          });
          stripPruning(model);
          compile(model);
          note(accuracies, key, 100 * (await accuracy(model, test)));
          if (seed === 1) {
            const {sparseMs, denseMs, times: factor} = await timed(name, model, batch);
            note(times, key, sparseMs);
            note(times, 'dense', denseMs);
            note(factors, key, factor);
          }
          model.dispose();
        }
      }
    }
    dense.dispose();
  }
  const table = new Table({
    head: [
      `${title}: %, ms`,
      ...sparsities.map((share) => `${Number((100 * share).toFixed(1))} %`),
    ],
    style: {head: [], border: []},
  });
  const cell = (key: string) => {
    figures[`${title}, ${key}, accuracy`] = spread(accuracies[key]).mean;
    figures[`${title}, ${key}, ms`] = spread(times[key]).mean;
    const by = factors[key] ? ` (x${spread(factors[key]).mean.toFixed(1)})` : '';
    return `${spread(accuracies[key]).mean.toFixed(2)}, ${spread(times[key]).mean.toFixed(3)}${by}`;
  };
  table.push(['dense', ...sparsities.map(() => cell('dense'))]);
  for (const block of BLOCKS) {
    for (const scope of SCOPES) {
      const cells = sparsities.map((sparsity) => cell(keyOf(block, scope, sparsity)));
      table.push([`${block === 1 ? 'single' : `[1, ${block}]`}, ${scope}`, ...cells]);
    }
  }
  console.log(table.toString());
}
printResult('patterns', trainer, figures, {});

function keyOf(block: number, scope: string, sparsity: number): string {
  const what = block === 1 ? 'single weights' : `blocks of ${block}`;
  return `${what}, ${scope}, ${Number((100 * sparsity).toFixed(1))} %`;
}

/** A decay from half of the sparsity, done after three quarters of the steps. */
function decay(
  steps: number,
  finalSparsity: number,
  block: number,
  scope: (typeof SCOPES)[number],
): PolynomialDecay {
  return new PolynomialDecay({
    initialSparsity: finalSparsity / 2,
    finalSparsity,
    beginStep: 0,
    endStep: Math.round(0.75 * steps),
    frequency: 20,
    scope,
    minKeep: scope === 'global' ? 0.01 : 0,
    ...(block === 1 ? {} : {structure: {block: [1, block] as const}}),
  });
}

/** The time of a prediction of the same net on WebAssembly. */
async function timed(name: keyof typeof NETS, model: LayersModel, batch: number) {
  const weights = await Promise.all(
    model.getWeights().map(async (each) => ({shape: each.shape, values: await each.data()})),
  );
  await tf.setBackend('wasm');
  const network = {
    name,
    shape: [batch, 28, 28, 1],
    make: async () => {
      const copy = MODELS[name](1);
      tf.tidy(() => copy.setWeights(weights.map(({values, shape}) => tf.tensor(values, shape))));
      return copy;
    },
  };
  const result = await measureNetwork(network, 0, 1, options.rounds);
  await tf.setBackend(trainer);
  return result;
}
