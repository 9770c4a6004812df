import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {
  ClusterWeights,
  ConstantSparsity,
  DynamicSparsity,
  L1Regularizer,
  NeuronPruner,
  PolynomialDecay,
  pruneNow,
  QuantizeAware,
  releaseMasks,
  setMask,
  snapshotWeights,
  sparsityReport,
  stripPruning,
  ThresholdPruning,
} from '../../lib/index';
import {maskOf} from '../../lib/projection/mask';
import {data, fillKernels, random, values} from '../setup/models';

/** Two models that share their first layer, and the last weights that were copied. */
interface World {
  readonly next: () => number;
  readonly models: readonly tfl.LayersModel[];
  saved: tf.Tensor[] | null;
}

type Operation = (world: World, model: tfl.LayersModel) => Promise<void> | void;

/** Which of `choices` comes next. */
function pick<T>(next: () => number, choices: readonly T[]): T {
  return choices[Math.floor(next() * choices.length)];
}

const OPTIMIZERS = [
  () => tf.train.sgd(0.05),
  () => tf.train.momentum(0.05, 0.9),
  () => tf.train.adam(0.01),
  () => tf.train.adamax(0.01),
  () => tf.train.rmsprop(0.01),
  () => tf.train.adagrad(0.05),
  () => tf.train.adadelta(0.5),
];

function disposeOptimizer(optimizer: tf.Optimizer | undefined): void {
  optimizer?.dispose();
  if (optimizer?.getClassName() === 'Momentum') {
    // Which tfjs forgets.
    (Reflect.get(optimizer, 'c') as tf.Tensor).dispose();
  }
}

function compile(model: tfl.LayersModel, next: () => number): void {
  disposeOptimizer(model.optimizer);
  model.compile({optimizer: pick(next, OPTIMIZERS)(), loss: 'meanSquaredError'});
}

function callbackOf(next: () => number): tfl.Callback {
  const sparsity = 0.1 + 0.8 * next();
  const decay = {initialSparsity: sparsity / 2, finalSparsity: sparsity, beginStep: 0, endStep: 6};
  const scope = pick(next, ['layer', 'global'] as const);
  return pick<() => tfl.Callback>(next, [
    () => new ConstantSparsity({targetSparsity: sparsity, beginStep: 0, scope, frequency: 2}),
    () => new PolynomialDecay({...decay, scope, frequency: 2}),
    () => new PolynomialDecay({...decay, endStep: 1, unit: 'epoch', frequency: 1}),
    () => new ThresholdPruning({threshold: {std: sparsity}}),
    () => new DynamicSparsity({...decay, method: 'surgery', frequency: 2}),
    () => new DynamicSparsity({method: 'rigl', sparsity, endStep: 8, frequency: 2}),
    () => new NeuronPruner({...decay, frequency: 2}),
    () => new QuantizeAware({dtype: 4}),
    () => new ClusterWeights({clusters: 4}),
    () => new L1Regularizer({l1: 1e-3, mode: pick(next, ['penalty', 'proximal'])}),
  ])();
}

const isRounding = (callback: tfl.Callback) =>
  callback instanceof QuantizeAware || callback instanceof ClusterWeights;

/** Fits, and holds `logs.sparsity` against the masks. */
async function fit(model: tfl.LayersModel, callbacks: tfl.Callback[]): Promise<void> {
  const {x, y} = data();
  const pruner = callbacks.find((each) => 'updater' in each && !(each instanceof NeuronPruner));
  const shares: number[] = [];
  const note = new (class extends tfl.Callback {
    override async onEpochEnd(): Promise<void> {
      shares.push(maskedShare(model));
    }
  })();
  try {
    const {history} = await model.fit(x, y, {
      batchSize: 10,
      shuffle: false,
      verbose: 0,
      epochs: 2,
      callbacks: [...callbacks, note],
    });
    if (pruner) {
      (history.sparsity as number[]).forEach((share, i) => near(share, shares[i], 'logs.sparsity'));
    }
  } finally {
    tf.dispose([x, y]);
  }
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'fit with a callback': ({next}, model) => fit(model, [callbackOf(next)]),
  'fit with two': ({next}, model) =>
    fit(
      model,
      [callbackOf(next), callbackOf(next)].filter(
        // A weight has one rounding at a time.
        (each, i, [first]) => i === 0 || !(isRounding(each) && isRounding(first)),
      ),
    ),
  fit: (_, model) => fit(model, []),
  compile: ({next}, model) => compile(model, next),
  setWeights: ({next}, model) =>
    tf.tidy(() =>
      model.setWeights(
        model.getWeights().map(({shape}) => tf.randomNormal(shape, 0, 1, 'float32', next() * 1e6)),
      ),
    ),
  copy: (world, model) => {
    tf.dispose(world.saved ?? []);
    world.saved = model.getWeights().map((weight) => tf.keep(tf.clone(weight)));
  },
  'put back the copy': ({saved}, model) => {
    if (saved) {
      model.setWeights(saved);
    }
  },
  'save and load': async (_, model) => {
    let artifacts: tf.io.ModelArtifacts | null = null;
    await model.save(
      tf.io.withSaveHandler(async (given) => {
        artifacts = given;
        return {modelArtifactsInfo: {dateSaved: new Date(), modelTopologyType: 'JSON'}};
      }),
    );
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory(artifacts!));
    model.setWeights(loaded.getWeights());
    loaded.dispose();
  },
  minimize: ({next}, model) => {
    const optimizer = pick(next, OPTIMIZERS)();
    const {x, y} = data(10);
    const loss = () =>
      tf.losses.meanSquaredError(y, model.predict(x) as tf.Tensor) as unknown as tf.Scalar;
    optimizer.minimize(loss);
    disposeOptimizer(optimizer);
    tf.dispose([x, y]);
  },
  pruneNow: async ({next}, model) => {
    await pruneNow(model, {sparsity: 0.9 * next()});
  },
  setMask: async ({next}, model) => {
    const {name} = pick(next, model.layers.slice(1));
    const [kernel] = model.getLayer(name).weights;
    const shape = kernel.shape as [number, number];
    const mask = tf.tidy(() =>
      tf.tensor2d(
        Array.from({length: shape[0] * shape[1]}, () => Math.round(next())),
        shape,
      ),
    );
    await setMask(model, name, mask);
    mask.dispose();
  },
  releaseMasks: ({next}, model) => {
    const snapshot = snapshotWeights(model);
    const masked = model.weights.some((variable) => maskOf(variable));
    if (masked) {
      const reset = pick(next, ['zero', 'inherited', 'rewound'] as const);
      releaseMasks(model, reset === 'rewound' ? {reset, snapshot} : {reset});
    }
    snapshot.dispose();
  },
  strip: (_, model) => void stripPruning(model),
};

/** Operations after which a pruned element may be something else. */
const FREEING = ['setMask', 'releaseMasks', 'strip', 'fit with a callback', 'fit with two'];

/**
 * Runs a random program of a dozen operations on two models, and throws where a
 * masked weight is not zero, a mask ends by itself, a report or a log is wrong, or
 * a tensor is left at the end.
 *
 * @returns The operations, for messages.
 */
export async function runProgram(seed: number): Promise<string[]> {
  const next = random(seed);
  const before = tf.memory().numTensors;
  const shared = tfl.layers.dense({units: 6, inputShape: [4], activation: 'tanh', name: 'shared'});
  const models = [1, 2].map((i) => {
    const input = tfl.input({shape: [4]});
    const head = tfl.layers.dense({units: 2, name: `head_${i}`});
    const output = head.apply(shared.apply(input)) as tfl.SymbolicTensor;
    const model = fillKernels(tfl.model({inputs: input, outputs: output}), seed + i);
    compile(model, next);
    return model;
  });
  const world: World = {next, models, saved: null};
  const done: string[] = [];
  try {
    for (let i = 0; i < 12; ++i) {
      const name = pick(next, Object.keys(OPERATIONS));
      const number = next() < 0.5 ? 0 : 1;
      done.push(`${name} (${number + 1})`);
      const former = models.map(masksOf);
      await OPERATIONS[name](world, models[number]);
      if (!FREEING.includes(name)) {
        models.forEach((model, k) => checkKept(former[k], masksOf(model)));
      }
      for (const model of models) {
        checkZeros(model);
        await checkReport(model);
      }
    }
    models.forEach(stripPruning);
    tf.dispose(world.saved ?? []);
    models.forEach(({optimizer}) => disposeOptimizer(optimizer));
    models.forEach((model) => model.dispose());
    const left = tf.memory().numTensors - before;
    if (left !== 0) {
      throw new Error(`${left} tensors are left`);
    }
  } catch (error) {
    throw new Error(`program ${seed}: ${done.join(', ')}: ${(error as Error).stack}`);
  }
  return done;
}

const masksOf = (model: tfl.LayersModel) =>
  model.weights.map((variable) => {
    const mask = maskOf(variable);
    return mask ? values(mask) : null;
  });

function checkKept(
  former: readonly (Float32Array | null)[],
  now: readonly (Float32Array | null)[],
): void {
  former.forEach((mask, i) =>
    mask?.forEach((kept, j) => {
      if (kept === 0 && now[i]?.[j] !== 0) {
        throw new Error(`element ${j} of weight ${i} is not pruned any more`);
      }
    }),
  );
}

function checkZeros(model: tfl.LayersModel): void {
  masksOf(model).forEach((mask, i) => {
    const weight = values(model.weights[i]);
    mask?.forEach((kept, j) => {
      if (kept === 0 && weight[j] !== 0) {
        throw new Error(`${model.weights[i].originalName}[${j}] is ${weight[j]} and not 0`);
      }
    });
  });
}

async function checkReport(model: tfl.LayersModel): Promise<void> {
  const {weights} = await sparsityReport(model);
  for (const {name, zeros, masked} of weights) {
    const variable = model.weights.find(({originalName}) => originalName === name)!;
    const found = values(variable).filter((value) => value === 0).length;
    near(zeros, found, `zeros of ${name}`);
    near(Number(masked), Number(maskOf(variable) !== undefined), `masked of ${name}`);
  }
}

/** Zeros in the masks of kernels, as a share of these. */
function maskedShare(model: tfl.LayersModel): number {
  const kernels = model.weights.filter(({shape}) => shape.length === 2);
  const zeros = kernels.map((variable) => {
    const mask = maskOf(variable);
    return mask ? values(mask).filter((value) => value === 0).length : 0;
  });
  const size = kernels.reduce(
    (all, {shape}) => all + (shape[0] as number) * (shape[1] as number),
    0,
  );
  return zeros.reduce((all, count) => all + count, 0) / size;
}

function near(found: number, wanted: number, what: string): void {
  if (Math.abs(found - wanted) > 1e-6) {
    throw new Error(`${what}: ${found}, not ${wanted}`);
  }
}
