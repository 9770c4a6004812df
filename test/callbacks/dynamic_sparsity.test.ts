import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {
  DynamicSparsity,
  PruningError,
  sparsityReport,
  stripPruning,
  type DynamicSparsityArgs,
} from '../../lib';
import {maskOf} from '../../lib/projection/mask';
import {
  QUIET,
  countReads,
  data,
  dataset,
  kernelZeros,
  mlp,
  probe,
  state,
  train,
  values,
} from '../setup/models';

const METHODS: Record<string, DynamicSparsityArgs> = {
  surgery: {
    method: 'surgery',
    initialSparsity: 0.25,
    finalSparsity: 0.5,
    beginStep: 0,
    endStep: 8,
    stopStep: 30,
    frequency: 2,
  },
  'global surgery': {
    method: 'surgery',
    initialSparsity: 0.5,
    finalSparsity: 0.5,
    beginStep: 0,
    endStep: 8,
    stopStep: 30,
    frequency: 2,
    scope: 'global',
    minKeep: 0.1,
  },
  'surgery by a threshold': {
    method: 'surgery',
    threshold: {rate: -0.2},
    beginStep: 1,
    endStep: 8,
    frequency: 2,
  },
  rigl: {method: 'rigl', sparsity: 0.5, endStep: 12, frequency: 2},
  set: {method: 'set', sparsity: 0.5, endStep: 12, frequency: 2, regrow: 'inherited'},
};

const cases = Object.entries(METHODS);

/** What a training that ends early is warned of. */
let warn: jest.SpyInstance;
beforeEach(() => (warn = jest.spyOn(console, 'warn').mockImplementation()));
afterEach(() => warn.mockRestore());

const byFit = async (model: tfl.LayersModel, callbacks: tfl.Callback[]) => {
  const {x, y} = data();
  await model.fit(x, y, {...QUIET, epochs: 2, validationSplit: 0.25, callbacks});
  tf.dispose([x, y]);
};
const byDataset = (model: tfl.LayersModel, callbacks: tfl.Callback[]) =>
  model.fitDataset(dataset(), {epochs: 2, verbose: 0, callbacks});
const byHand = async (model: tfl.LayersModel, callbacks: tfl.Callback[]) => {
  for (const callback of callbacks) {
    callback.setModel(model);
    await callback.onTrainBegin();
  }
  const {x, y} = data();
  for (let step = 0; step < 8; ++step) {
    const loss = await model.trainOnBatch(x, y);
    tf.dispose(loss as unknown as tf.Tensor);
  }
  tf.dispose([x, y]);
  for (const callback of callbacks) {
    await callback.onTrainEnd();
  }
};

describe.each(cases)('%s', (_name, args) => {
  it.each([
    ['fit', byFit],
    ['fitDataset', byDataset],
    ['trainOnBatch', byHand],
  ])('leaves as many tensors as none, after three times %s', async (_way, run) => {
    const left = async (callbacks: tfl.Callback[]) => {
      const model = mlp({optimizer: tf.train.adam(0.05)});
      const before = tf.memory();
      for (let i = 0; i < 3; ++i) {
        await run(model, callbacks);
      }
      stripPruning(model);
      const after = tf.memory();
      model.dispose();
      return [after.numTensors - before.numTensors, after.numBytes - before.numBytes];
    };
    expect(await left([new DynamicSparsity(args)])).toEqual(await left([]));
  });

  it('reads nothing between updates', async () => {
    const readsOf = async (callbacks: tfl.Callback[]) => {
      const model = mlp({optimizer: tf.train.adam(0.05)});
      const {x, y} = data();
      const marks: number[] = [];
      const reads = countReads();
      const note = async () => void marks.push(reads.count());
      const all = [probe({onBatchBegin: note}), ...callbacks, probe({onBatchEnd: note})];
      await model.fit(x, y, {...QUIET, epochs: 3, callbacks: all});
      reads.restore();
      stripPruning(model);
      return marks.filter((_, i) => i % 2 === 1).map((mark, i) => mark - marks[2 * i]);
    };
    const plain = await readsOf([]);
    const pruner = new DynamicSparsity(args);
    (await readsOf([pruner])).forEach((count, i) => {
      if (!pruner.isUpdateStep(i + 1)) {
        expect(count).toBe(plain[i]);
      }
    });
  });

  it('shows validation the projected weights, and logs the sparsity', async () => {
    const model = mlp({optimizer: tf.train.adam(0.05)});
    const {x, y} = data();
    const losses: number[] = [];
    const inMasks: number[] = [];
    const onEpochEnd = async () => {
      const loss = model.evaluate(x, y, {batchSize: 40}) as tf.Scalar;
      losses.push(loss.dataSync()[0]);
      const masks = model.layers.map((layer) => values(maskOf(layer.weights[0])!));
      const zeros = masks.map((mask) => mask.filter((value) => value === 0).length);
      inMasks.push(zeros.reduce((sum, count) => sum + count) / 36);
    };
    const history = await model.fit(x, y, {
      ...QUIET,
      epochs: 3,
      validationData: [x, y],
      callbacks: [new DynamicSparsity(args), probe({onEpochEnd})],
    });
    const {val_loss: validation, sparsity} = history.history as Record<string, number[]>;
    validation.forEach((loss, i) => expect(loss).toBeCloseTo(losses[i], 5));
    sparsity.forEach((share, i) => expect(share).toBeCloseTo(inMasks[i], 6));
    expect(sparsity[2]).toBeGreaterThan(0.2);
    stripPruning(model);
    expect((await sparsityReport(model)).sparsity).toBeCloseTo(sparsity[2], 6);
  });

  it('tells of a NaN in the weights, and leaves the masks as they were', async () => {
    const model = mlp({optimizer: tf.train.adam(0.05)});
    const {x, y} = data();
    const pruner = new DynamicSparsity(args);
    let masks: Float32Array[] = [];
    const read = () => model.layers.map(({weights: [kernel]}) => values(maskOf(kernel)!));
    const spoil = async (batch: number) => {
      if (batch === 2) {
        masks = read();
        const {weights} = model.layers[0];
        tf.tidy(() => void weights[0].write(tf.add(weights[0].read(), NaN)));
      }
    };
    const callbacks = [pruner, probe({onBatchEnd: spoil})];
    const fit = model.fit(x, y, {...QUIET, epochs: 3, callbacks});
    await expect(fit).rejects.toThrow(PruningError);
    await expect(fit).rejects.toThrow(/^weight 'dense_0\/kernel' at step [45]: expected finite/);
    expect(read()).toEqual(masks);
    stripPruning(model);
  });

  it('is reported as masked, until stripPruning makes plain zeros', async () => {
    const model = mlp({optimizer: tf.train.adam(0.05)});
    const pruner = new DynamicSparsity(args);
    pruner.setModel(model);
    await pruner.onTrainBegin();
    await train(model, 3);
    const report = await sparsityReport(model);
    expect(report.weights.every(({masked}) => masked)).toBe(true);
    await pruner.onTrainEnd();
    stripPruning(model);
    expect((await sparsityReport(model)).weights.some(({masked}) => masked)).toBe(false);
    expect(kernelZeros(model)).toEqual(report.weights.map(({zeros}) => zeros));
  });
});

describe('refuses', () => {
  const {surgery, rigl, 'surgery by a threshold': threshold} = METHODS;
  it.each<[string, object | null, string]>([
    ['no options', null, 'DynamicSparsity'],
    ['an unknown method', {...surgery, method: 'snip'}, 'method'],
    ['an unknown option', {...surgery, alpha: 0.3}, 'DynamicSparsity'],
    ['an option of another method', {...rigl, margin: 0.1}, 'DynamicSparsity'],
    ['a sparsity beside a threshold', {...threshold, finalSparsity: 0.5}, 'DynamicSparsity'],
    ['a sparsity of a layer', {...threshold, layers: {dense_0: 0.5}}, "layers['dense_0']"],
    ['a stop beside a threshold', {...threshold, stopStep: 9}, 'DynamicSparsity'],
    ['a rate that is no number', {...threshold, threshold: {rate: '1'}}, 'threshold.rate'],
    ['another threshold', {...threshold, threshold: {std: 1}}, 'threshold'],
    ['a sparsity of 1', {...surgery, finalSparsity: 1}, 'finalSparsity'],
    ['a stop before the end', {...surgery, stopStep: 7}, 'stopStep'],
    ['a margin of 1', {...surgery, margin: 1}, 'margin'],
    ['a negative annealing', {...surgery, annealing: -1}, 'annealing'],
    ['no end', {...rigl, endStep: undefined}, 'endStep'],
    ['no sparsity', {...rigl, sparsity: undefined}, 'sparsity'],
    ['a stop after the end', {...rigl, stopStep: 13}, 'stopStep'],
    ['a share of 1', {...rigl, alpha: 1}, 'alpha'],
    ['a pool', {...rigl, scope: 'global'}, 'scope'],
    ['an unknown start', {...rigl, regrow: 'former'}, 'regrow'],
    ['no snapshot to rewind to', {...rigl, regrow: 'rewound'}, 'snapshot'],
    ['a frequency of 0', {...rigl, frequency: 0}, 'frequency'],
    ['a seed below 0', {...rigl, seed: -1}, 'seed'],
  ])('%s', (_what, args, argument) => {
    const make = () => new DynamicSparsity(args as DynamicSparsityArgs);
    expect(make).toThrow(PruningError);
    expect(make).toThrow(`${argument}: expected`);
  });

  it('a weight without an initializer to start from', async () => {
    const model = mlp();
    model.layers[1] = Object.assign(model.layers[1], {kernelInitializer: undefined});
    const before = state(model);
    const pruner = new DynamicSparsity({...METHODS.set, regrow: 'random'} as DynamicSparsityArgs);
    pruner.setModel(model);
    await expect(pruner.onTrainBegin()).rejects.toThrow(
      "regrow: expected another than 'random' for 'dense_1/kernel', but got 'random'.",
    );
    expect(state(model)).toEqual(before);
  });

  it('a NaN in a model, which it leaves as it was', async () => {
    const model = mlp();
    const kernel = model.layers[1].weights[0];
    tf.tidy(() => void kernel.write(tf.add(kernel.read(), NaN)));
    for (const [, args] of cases) {
      const before = state(model);
      const {x, y} = data();
      const fit = model.fit(x, y, {...QUIET, epochs: 1, callbacks: [new DynamicSparsity(args)]});
      await expect(fit).rejects.toThrow("weight 'dense_1/kernel' at step 0");
      tf.dispose([x, y]);
      expect(state(model)).toEqual(before);
    }
  });
});
