/**
 * Whether pruning works on CUDA: the selection of weights, a pruned fit, `stripPruning` and
 * `shrink`, each on `@tensorflow/tfjs-node-gpu`. Prints a table; exits with 1 where a check
 * fails, and with 2 where there is no GPU.
 *
 *     npm run check:cuda              # needs npm run setup:tensorflow -- --gpu
 *     npm run check:cuda -- --cpu     # the same on @tensorflow/tfjs-node, to prove the checks
 */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import {Command} from 'commander';

import {
  PolynomialDecay,
  pruneChannelsNow,
  pruneNow,
  shrink,
  sparsityReport,
  stripPruning,
} from '../../lib/index';
import {selectSmallest} from '../../lib/weights/host_selection';
import {pruneSmallestOnDevice} from '../../lib/weights/threshold';

/** What a check found, and whether it is as it should be. */
interface Finding {
  readonly what: string;
  readonly found: string;
  readonly isRight: boolean;
}

const {cpu} = new Command('npm run check:cuda --')
  .option('--cpu', 'on the CPU, where there is no GPU')
  .parse()
  .opts<{cpu?: boolean}>();

/** Starts the backend, and says why it cannot. */
async function start(): Promise<string | undefined> {
  const name = cpu ? '@tensorflow/tfjs-node' : '@tensorflow/tfjs-node-gpu';
  try {
    await import(name);
  } catch {
    return `${name} is not installed: npm run setup:tensorflow${cpu ? '' : ' -- --gpu'}.`;
  }
  await tf.setBackend('tensorflow');
  const backend = tf.backend() as {isUsingGpuDevice?: boolean};
  return cpu || backend.isUsingGpuDevice
    ? undefined
    : 'TensorFlow found no GPU. With --cpu the checks run on the CPU.';
}

async function selection(size: number): Promise<Finding> {
  const scores = tf.abs(tf.randomNormal([size], 0, 1, 'float32', size));
  const values = await scores.data<'float32'>();
  const count = Math.floor(0.9 * size);
  const expected = new Float32Array(size);
  selectSmallest(values, undefined, count, expected);
  const first = await pruneSmallestOnDevice(scores, null, count).data();
  const started = performance.now();
  const mask = pruneSmallestOnDevice(scores, null, count);
  const chosen = await mask.data();
  const ms = performance.now() - started;
  tf.dispose([scores, mask]);
  const isRight = expected.every((value, i) => value === chosen[i] && value === first[i]);
  return {what: `selection of ${size}`, found: `${ms.toFixed(2)} ms`, isRight};
}

function network(): tfl.Sequential {
  const seeded = (seed: number) => tfl.initializers.glorotUniform({seed});
  return tfl.sequential({
    layers: [
      tfl.layers.conv2d({
        ...{inputShape: [12, 12, 1], filters: 8, kernelSize: 3, useBias: false},
        kernelInitializer: seeded(1),
      }),
      tfl.layers.batchNormalization(),
      tfl.layers.reLU(),
      tfl.layers.flatten(),
      tfl.layers.dense({units: 32, activation: 'relu', kernelInitializer: seeded(2)}),
      tfl.layers.dense({units: 4, activation: 'softmax', kernelInitializer: seeded(3)}),
    ],
  });
}

/** What checks of a trained network find. */
async function training(): Promise<Finding[]> {
  const x = tf.randomNormal([512, 12, 12, 1], 0, 1, 'float32', 1);
  const y = tf.tidy(() => tf.oneHot(tf.cast(tf.mod(tf.range(0, 512), 4), 'int32'), 4));
  const fit = async (model: tfl.LayersModel, callbacks: tfl.Callback[]) => {
    model.compile({optimizer: tf.train.momentum(0.05, 0.9), loss: 'categoricalCrossentropy'});
    await model.fit(x, y, {epochs: 3, batchSize: 32, verbose: 0, callbacks});
  };
  const kept = async (callbacks: tfl.Callback[]) => {
    const model = network();
    await fit(model, callbacks);
    stripPruning(model);
    const tensors = tf.memory().numTensors;
    return {model, tensors};
  };
  const before = tf.memory().numTensors;
  const plain = await kept([]);
  const plainTensors = plain.tensors - before;
  const middle = tf.memory().numTensors;
  const decay = {initialSparsity: 0.3, finalSparsity: 0.9, beginStep: 0, endStep: 40, frequency: 5};
  const pruned = await kept([new PolynomialDecay(decay)]);
  const prunedTensors = pruned.tensors - middle;
  const zeros = (await sparsityReport(pruned.model)).sparsity;
  const blocks = network();
  await pruneNow(blocks, {sparsity: 0.75, scope: 'global', structure: {block: [1, 4]}});
  stripPruning(blocks);
  const blockZeros = (await sparsityReport(blocks)).sparsity;
  await pruneChannelsNow(plain.model, {channels: 0.5, neurons: 0.5});
  const large = plain.model.predict(x) as tf.Tensor;
  const small = await shrink(plain.model);
  const output = small.predict(x) as tf.Tensor;
  const [difference] = await tf.max(tf.abs(tf.sub(large, output))).data();
  const sizes = [plain.model, small].map((model) => model.countParams());
  const share = (value: number) => `${(100 * value).toFixed(2)} % zeros`;
  return [
    {
      what: 'fit with PolynomialDecay to 0.9',
      found: share(zeros),
      isRight: Math.abs(zeros - 0.9) < 1e-3,
    },
    {
      what: 'tensors that a pruned fit leaves',
      found: `${prunedTensors}, a plain one ${plainTensors}`,
      isRight: prunedTensors === plainTensors,
    },
    {
      what: 'blocks of all layers to 0.75',
      found: share(blockZeros),
      isRight: Math.abs(blockZeros - 0.75) < 1e-2,
    },
    {
      what: 'shrink by half of the channels',
      found: `${sizes.join(' to ')} parameters, outputs differ by ${difference.toExponential(1)}`,
      isRight: sizes[1] < 0.7 * sizes[0] && difference < 1e-4,
    },
  ];
}

const obstacle = await start();
if (obstacle !== undefined) {
  console.error(obstacle);
  process.exitCode = 2;
} else {
  const findings = [
    await selection(1000),
    await selection(100_003),
    await selection(4_000_000),
    ...(await training()),
  ];
  console.log(`On ${cpu ? 'the CPU' : 'CUDA'}:`);
  for (const {what, found, isRight} of findings) {
    console.log(`${isRight ? 'right' : 'WRONG'}  ${what.padEnd(36)} ${found}`);
  }
  process.exitCode = findings.every(({isRight}) => isRight) ? 0 : 1;
}
