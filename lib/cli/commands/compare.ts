import {
  abs,
  argMax,
  cast,
  dispose,
  equal,
  max,
  mean,
  stack,
  sub,
  type Tensor,
  slice,
  tidy,
} from '@tensorflow/tfjs-core';
import type {Command} from 'commander';

import {check, checkInteger} from '../../base/check';
import {PruningError} from '../../base/errors';
import {startBackend} from '../backend';
import {fileSizes} from '../file_sizes';
import {type InputSpec, randomInput, readInput} from '../input_data';
import {layersModelOf, readModel, type StoredModel} from '../model_file';
import {bytes, percent, printJSON, printTable, type PrintOptions} from '../output';
import {numberOf} from '../parse';

interface Options extends PrintOptions {
  data?: string;
  examples: number;
  rounds: number;
  seed: number;
}

/** What both kinds of model can do. */
interface Predictor {
  inputs: InputSpec[];
  predict(inputs: Tensor[]): Tensor[];
  dispose(): void;
}

export function addCompare(program: Command): void {
  program
    .command('compare')
    .argument('<a>', 'directory, model.json or packed file')
    .argument('<b>', 'the other model')
    .description('How far the outputs of two models differ, their sizes and their latency.')
    .option('--data <file>', 'inputs: a .npy or an IDX file; default: random ones')
    .option('--examples <n>', 'examples to predict', numberOf, 128)
    .option('--rounds <n>', 'predictions to time', numberOf, 20)
    .option('--seed <n>', 'for random inputs', numberOf, 1)
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
  await startBackend();
  const models = [await predictorOf(await readModel(a)), await predictorOf(await readModel(b))];
  const inputs = await inputsFor(models[0], options);
  const outputs = models.map((model) => model.predict(inputs));
  const shapes = outputs.map((list) => JSON.stringify(list.map(({shape}) => shape)));
  check(shapes[0] === shapes[1], b, `outputs of shape ${shapes[0]}, as ${a}`, shapes[1]);
  const difference = await differences(outputs[0], outputs[1]);
  const milliseconds = await latencies(models, inputs, options.rounds);
  dispose([inputs, outputs]);
  models.forEach((model) => model.dispose());
  const sizes = [await fileSizes(a), await fileSizes(b)];
  if (options.json) {
    printJSON({
      difference,
      examples: options.examples,
      a: {path: a, bytes: sizes[0], ms: milliseconds[0]},
      b: {path: b, bytes: sizes[1], ms: milliseconds[1]},
    });
    return;
  }
  printTable(
    ['', a, b],
    [
      ['Files', ...sizes.map(({raw}) => bytes(raw))],
      ['Files, gzip', ...sizes.map(({gzip}) => bytes(gzip))],
      [
        `Time of ${inputs[0].shape[0]} examples`,
        ...milliseconds.map((ms) => `${ms.toFixed(2)} ms`),
      ],
    ],
  );
  const {largest, mean: average, sameClass} = difference;
  console.log(
    `Outputs differ by ${largest.toPrecision(3)} at most, ${average.toPrecision(3)} on average` +
      `${sameClass === null ? '' : `; the largest is the same in ${percent(sameClass)}`}.`,
  );
}

async function inputsFor(model: Predictor, {data, examples, seed}: Options): Promise<Tensor[]> {
  if (data === undefined) {
    return model.inputs.map((input, i) => randomInput(input, examples, seed + i));
  }
  check(model.inputs.length === 1, '--data', 'a model with one input', model.inputs.length);
  const all = await readInput(data, model.inputs[0]);
  const count = Math.min(examples, all.shape[0]);
  const some = tidy(() => slice(all, 0, count));
  all.dispose();
  return [some];
}

async function predictorOf(stored: StoredModel): Promise<Predictor> {
  if (stored.kind === 'layers') {
    const model = await layersModelOf(stored);
    return {
      inputs: model.inputs.map(({name, shape, dtype}) => ({name, shape, dtype})),
      predict: (inputs) => listOf(model.predict(inputs)),
      dispose: () => model.dispose(),
    };
  }
  const converter = await import('@tensorflow/tfjs-converter').catch((cause) => {
    const expected = '@tensorflow/tfjs-converter to be installed, for a GraphModel';
    throw new PruningError(stored.path, expected, 'none', {cause});
  });
  const model = await converter.loadGraphModel({load: stored.load});
  return {
    inputs: model.inputs,
    predict: (inputs) => listOf(model.predict(inputs) as Tensor | Tensor[]),
    dispose: () => model.dispose(),
  };
}

function listOf(outputs: Tensor | Tensor[]): Tensor[] {
  return Array.isArray(outputs) ? outputs : [outputs];
}

async function differences(a: readonly Tensor[], b: readonly Tensor[]) {
  const results = tidy(() => {
    const gaps = a.map((output, i) => abs(sub(output, b[i])));
    const classes = (output: Tensor) => argMax(output, -1);
    const isClassifier = a.length === 1 && a[0].rank === 2 && (a[0].shape[1] as number) > 1;
    const same = isClassifier
      ? mean(cast(equal(classes(a[0]), classes(b[0])), 'float32'))
      : mean(gaps[0]);
    const largest = max(stack(gaps.map((gap) => max(gap))));
    const average = mean(stack(gaps.map((gap) => mean(gap))));
    return {values: stack([largest, average, same]), isClassifier};
  });
  const [largest, average, same] = await results.values.data();
  results.values.dispose();
  return {largest, mean: average, sameClass: results.isClassifier ? same : null};
}

/** Median milliseconds of a prediction, the models in turn. */
async function latencies(
  models: readonly Predictor[],
  inputs: Tensor[],
  rounds: number,
): Promise<number[]> {
  const times: number[][] = models.map(() => []);
  for (let round = 0; round <= rounds; ++round) {
    for (let turn = 0; turn < models.length; ++turn) {
      // Every other round backwards, so that no model always follows the same one.
      const i = round % 2 ? turn : models.length - 1 - turn;
      const start = performance.now();
      const outputs = models[i].predict(inputs);
      await outputs[0].data();
      if (round > 0) {
        times[i].push(performance.now() - start);
      }
      dispose(outputs);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]);
}
