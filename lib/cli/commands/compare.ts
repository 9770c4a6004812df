import {
  abs,
  argMax,
  cast,
  dispose,
  equal,
  getBackend,
  max,
  slice,
  stack,
  sub,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type {Command} from 'commander';

import {check, checkInteger} from '../../base/check';
import {PruningError} from '../../base/errors';
import {startBackend} from '../../workers/backend';
import {commonInputs, type CommonInput} from '../common_inputs';
import {dataOptions, type DataOptions} from '../data_options';
import {readExamplesAt} from '../examples';
import {fileSizes} from '../file_sizes';
import {exampleSize, randomInput} from '../input_data';
import {readModel} from '../model_file';
import {listed, storedAs} from '../model_weights';
import {bytes, percent, printJSON, printTable, type PrintOptions} from '../output';
import {numberOf} from '../parse';
import {type Predictor, predictorOf} from '../predictor';
import {knownPreprocessing, type Preprocessing} from '../preprocessing';
import {ProgressBar} from '../progress';

interface Options extends DataOptions, PrintOptions {
  examples: number;
  rounds: number;
  seed: number;
  sparse?: boolean;
}

/** Numbers that the largest layer may give at a time, where more examples are predicted in turns. */
const MOST_NUMBERS = 2 ** 24;
/** Numbers that it may give at least, for one example or a batch of a fixed size. */
const MOST_AT_ONCE = 2 ** 27;
/** How many times the numbers of its inputs the largest operation of a graph may give: a guess. */
const GRAPH_GROWTH = 20;

/** What is read of a module, the best first to judge by. */
const NAMES = ['test', 'validation', 'calibration', 'train'] as const;

export function addCompare(program: Command): void {
  const command = program
    .command('compare')
    .argument('<a>', 'directory, model.json or packed file')
    .argument('<b>', 'the other model')
    .description('Compares the outputs, the sizes and the latency of two models.');
  dataOptions(command, 'inputs, instead of random ones')
    .option('--examples <n>', 'number of examples to predict', numberOf, 128)
    .option('--rounds <n>', 'number of predictions to time', numberOf, 20)
    .option('--seed <n>', 'seed of the random inputs', numberOf, 1)
    .option('--sparse', 'also time predictions that skip zeros, on WebAssembly')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  tfjs-prune compare models/mnist mnist.tfpack --data t10k-images-idx3-ubyte',
    )
    .action(compare);
}

async function compare(a: string, b: string, options: Options): Promise<void> {
  checkInteger('--examples', options.examples, 1);
  checkInteger('--rounds', options.rounds, 1);
  checkInteger('--seed', options.seed, 0);
  await startBackend();
  check(
    !options.sparse || getBackend() === 'wasm',
    '--sparse',
    '@tensorflow/tfjs-backend-wasm to be installed',
    getBackend(),
  );
  const stored = [await readModel(a), await readModel(b)];
  const models = [await predictorOf(stored[0]), await predictorOf(stored[1])];
  const weights = stored.map(storedAs);
  const {inputs, batch} = commonInputs(models[0], models[1]);
  const size = batchSize(models, inputs, batch);
  const difference = new Difference();
  let timed: Tensor[] = [];
  let count = 0;
  const known = knownPreprocessing(stored[0]);
  for await (const some of batchesOf(inputs, size, batch, options, known)) {
    const outputs = await predictBoth(models, some, inputs);
    await difference.add(outputs[0], outputs[1]);
    dispose(outputs);
    count += some[0].shape[0];
    timed = timed.length > 0 ? timed : some;
    dispose(timed === some ? [] : some);
  }
  const milliseconds = await latencies(models, timed, inputs, options.rounds);
  const sparse = options.sparse ? await skippingZeros() : undefined;
  const timedCount = timed[0].shape[0];
  dispose(timed);
  models.forEach((model) => model.dispose());
  const sizes = [await fileSizes(a), await fileSizes(b)];
  const {largest, average, sameClass} = difference;
  if (options.json) {
    printJSON({
      difference: {largest, mean: average, sameClass},
      examples: count,
      a: {
        path: a,
        bytes: sizes[0],
        weights: weights[0],
        ms: milliseconds[0],
        ...(sparse && {sparse: sparse[0]}),
      },
      b: {
        path: b,
        bytes: sizes[1],
        weights: weights[1],
        ms: milliseconds[1],
        ...(sparse && {sparse: sparse[1]}),
      },
    });
    return;
  }
  printTable(
    ['', a, b],
    [
      ['Files', ...sizes.map(({raw}) => bytes(raw))],
      ['Files, gzip', ...sizes.map(({gzip}) => bytes(gzip))],
      ['Weights', ...weights.map(listed)],
      [
        `Time of ${timedCount} example${timedCount === 1 ? '' : 's'}`,
        ...milliseconds.map((ms) => `${ms.toFixed(2)} ms`),
      ],
      ...(sparse
        ? [
            ['Zeros skipped', ...sparse.map(({ms}) => `${ms.toFixed(2)} ms`)],
            ['… of weights', ...sparse.map(({weights}) => `${weights}`)],
          ]
        : []),
    ],
  );
  console.log(
    `Outputs differ by ${largest.toPrecision(3)} at most, ${average.toPrecision(3)} on average` +
      `${sameClass === null ? '' : `; the largest is the same in ${percent(sameClass)}`}.`,
  );

  /** Both models' times where zeros are skipped, and how many weights have enough of them. */
  async function skippingZeros(): Promise<{ms: number; weights: number}[]> {
    const weights = [await models[0].skipZeros(), await models[1].skipZeros()];
    const times = await latencies(models, timed, inputs, options.rounds);
    return times.map((ms, i) => ({ms, weights: weights[i]}));
  }
}

/** Examples, so many at a time, with one tensor for each input. */
async function* batchesOf(
  inputs: readonly CommonInput[],
  size: number,
  batch: number | undefined,
  options: Options,
  known: Preprocessing,
): AsyncGenerator<Tensor[]> {
  const {data, examples, seed} = options;
  const whole = (count: number) => (batch === undefined ? count : count - (count % batch));
  const most = Math.max(examples, batch ?? 1);
  if (data === undefined) {
    for (let start = 0; start < whole(most); start += size) {
      const count = Math.min(size, whole(most) - start);
      yield inputs.map((input, i) => randomInput(input, count, seed + i + start));
    }
    return;
  }
  const all = await readExamplesAt(data, inputs, options, {names: NAMES, most, known});
  const [count] = all[0].shape;
  check(whole(count) > 0, data, `examples for a batch of ${batch}`, count);
  const bar = new ProgressBar('Predicting', whole(count));
  for (let start = 0; start < whole(count); start += size) {
    yield all.map((each) => slice(each, start, Math.min(size, whole(count) - start)));
    bar.reach(start);
  }
  bar.stop();
  dispose(all);
}

/**
 * How many examples are predicted at a time: as many as a model has fixed, or so few that they
 * take no more memory than need be.
 */
function batchSize(
  models: readonly Predictor[],
  inputs: readonly CommonInput[],
  batch: number | undefined,
): number {
  const given = inputs.reduce((sum, input) => sum + exampleSize(input), 0);
  const sizes = models.map(({path, largestOutput}) => {
    const numbers = largestOutput ?? GRAPH_GROWTH * given;
    const atOnce = numbers * (batch ?? 1);
    check(atOnce <= MOST_AT_ONCE, path, `layers that give up to ${MOST_AT_ONCE} numbers`, atOnce);
    return Math.max(1, Math.floor(MOST_NUMBERS / Math.max(1, numbers)));
  });
  return batch ?? Math.min(...sizes);
}

/** The outputs of both models for the same examples. */
async function predictBoth(
  [a, b]: readonly Predictor[],
  examples: readonly Tensor[],
  inputs: readonly CommonInput[],
): Promise<[Tensor[], Tensor[]]> {
  const first = await a.predict(examples);
  const second = await b.predict(inputs.map(({inSecond}) => examples[inSecond]));
  const [expected, received] = [first, second].map(describe);
  if (expected !== received) {
    dispose([first, second]);
    throw new PruningError(b.path, `outputs of shape ${expected}, as ${a.path}`, received);
  }
  return [first, second];
}

function describe(outputs: readonly Tensor[]): string {
  return JSON.stringify(outputs.map(({shape}) => shape));
}

/** How far outputs differ, over batches. */
class Difference {
  largest = 0;
  private total = 0;
  private size = 0;
  private same = 0;
  private classified = 0;

  /** Over all numbers. */
  get average(): number {
    return this.size === 0 ? 0 : this.total / this.size;
  }

  /** The share of examples of which the largest output is the same; `null` for no classifiers. */
  get sameClass(): number | null {
    return this.classified === 0 ? null : this.same / this.classified;
  }

  /** Takes the outputs of two models in, in one read. */
  async add(a: readonly Tensor[], b: readonly Tensor[]): Promise<void> {
    const isClassifier = a.length === 1 && a[0].rank === 2 && (a[0].shape[1] as number) > 1;
    const pairs = a.map((output, i) => [output, b[i]]).filter(([output]) => output.size > 0);
    if (pairs.length === 0) {
      return;
    }
    const results = tidy(() => {
      const gaps = pairs.map(([output, other]) => abs(sub(output, other)));
      const classes = (output: Tensor) => argMax(output, -1);
      return stack([
        max(stack(gaps.map((gap) => max(gap)))),
        sum(stack(gaps.map((gap) => sum(gap)))),
        isClassifier ? sum(cast(equal(classes(a[0]), classes(b[0])), 'float32')) : 0,
      ]);
    });
    const [largest, total, same] = await results.data();
    results.dispose();
    this.largest = Math.max(this.largest, largest);
    this.total += total;
    this.size += pairs.reduce((size, [output]) => size + output.size, 0);
    this.same += same;
    this.classified += isClassifier ? a[0].shape[0] : 0;
  }
}

/** Median milliseconds of a prediction, the models in turn. */
async function latencies(
  models: readonly Predictor[],
  examples: readonly Tensor[],
  inputs: readonly CommonInput[],
  rounds: number,
): Promise<number[]> {
  const given = [examples, inputs.map(({inSecond}) => examples[inSecond])];
  const times: number[][] = models.map(() => []);
  for (let round = 0; round <= rounds; ++round) {
    for (let turn = 0; turn < models.length; ++turn) {
      // Every other round backwards, so that no model always follows the same one.
      const i = round % 2 ? turn : models.length - 1 - turn;
      const start = performance.now();
      const outputs = await models[i].predict(given[i]);
      await Promise.all(outputs.map((output) => output.data()));
      if (round > 0) {
        times[i].push(performance.now() - start);
      }
      dispose(outputs);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]);
}
