import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {
  ConstantSparsity,
  PolynomialDecay,
  sparsityReport,
  stripPruning,
  type PolynomialDecayArgs,
} from '../../../lib';
import {maskOf} from '../../../lib/projection/mask';
import {onOptimizerStep} from '../../../lib/projection/optimizer_step';
import {
  QUIET,
  data,
  dataset,
  fillKernels,
  hooked,
  kernel,
  kernelZeros,
  loaded,
  mlp,
  probe,
  saved,
  setWeight,
  train,
  weights,
  zeroPositions,
  zeros,
} from '../../setup/models';

/** 0.25 at step 2, 0.5 at 5, 0.75 at 8: 6, 12, 18 of 24 and 3, 6, 9 of 12. */
const LINE: PolynomialDecayArgs = {
  initialSparsity: 0.25,
  finalSparsity: 0.75,
  beginStep: 2,
  endStep: 8,
  frequency: 3,
  power: 1,
};
/** Zeros of a kernel of 24 under `LINE` after 0, 1, … 12 steps. */
const LINE_ZEROS = [0, 0, 6, 6, 6, 12, 12, 12, 18, 18, 18, 18, 18];

const OPTIMIZERS: [string, () => tf.Optimizer][] = [
  ['sgd', () => tf.train.sgd(0.1)],
  ['momentum', () => tf.train.momentum(0.1, 0.9)],
  ['rmsprop', () => tf.train.rmsprop(0.01)],
  ['adam', () => tf.train.adam(0.01)],
  ['adamax', () => tf.train.adamax(0.01)],
  ['adagrad', () => tf.train.adagrad(0.1)],
  ['adadelta', () => tf.train.adadelta(0.5)],
];

let warn: jest.SpyInstance<void, unknown[]>;
const warnings = () => warn.mock.calls.map(([message]) => String(message));

beforeEach(() => {
  warn = jest.spyOn(console, 'warn').mockImplementation();
});

afterEach(() => warn.mockRestore());

/** Attaches a callback without a `fit`. */
async function begin(pruner: tfl.Callback, model: tfl.LayersModel): Promise<void> {
  pruner.setModel(model);
  await pruner.onTrainBegin();
}

/** Notes the zeros of `dense_0` when training begins and after each batch. */
function zerosNoted(model: tfl.LayersModel): {counts: number[]; callback: tfl.Callback} {
  const counts: number[] = [];
  const note = async () => void counts.push(zeros(kernel(model, 'dense_0')));
  return {counts, callback: probe({onTrainBegin: note, onBatchEnd: note})};
}

describe.each(OPTIMIZERS)('with %s', (_name, optimizer) => {
  it('masked weights are exactly zero after each step', async () => {
    const model = mlp({optimizer: optimizer()});
    const pruner = new PolynomialDecay(LINE);
    await begin(pruner, model);
    const first: number[][] = [];
    const counts: number[][] = [];
    onOptimizerStep(model, {
      after: () => {
        counts.push(kernelZeros(model));
        first.push(zeroPositions(kernel(model, 'dense_0')));
      },
    });
    await train(model, 12);
    expect(counts).toEqual(LINE_ZEROS.slice(1).map((count) => [count, count / 2]));
    first
      .slice(1)
      .forEach((positions, i) => expect(positions).toEqual(expect.arrayContaining(first[i])));
    await pruner.onTrainEnd();
    stripPruning(model);
    expect(kernelZeros(model)).toEqual([18, 9]);
  });

  it('the weights that stay are trained', async () => {
    const model = mlp({optimizer: optimizer()});
    const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 0});
    await begin(pruner, model);
    const before = kernel(model, 'dense_0');
    await train(model, 2);
    const after = kernel(model, 'dense_0');
    const moved = [...after].filter((value, i) => value !== before[i]);
    expect(moved.length).toBeGreaterThan(6);
    await pruner.onTrainEnd();
    stripPruning(model);
  });
});

describe('validation', () => {
  /** The metrics of `fit` and those that `evaluate` gives for the same weights. */
  async function compared(
    fit: (model: tfl.LayersModel, callbacks: tfl.Callback[]) => Promise<tfl.History>,
    unit: 'step' | 'epoch' = 'step',
  ) {
    const model = mlp({optimizer: tf.train.momentum(0.2, 0.9)});
    const {x, y} = data(20, 4, 2, 8);
    const evaluated: number[] = [];
    const sparsity: number[] = [];
    const evaluate = async () => {
      const loss = model.evaluate(x, y, {batchSize: 10, verbose: 0}) as tf.Scalar;
      evaluated.push(loss.dataSync()[0]);
      sparsity.push((await sparsityReport(model)).sparsity);
      loss.dispose();
    };
    const args =
      unit === 'step'
        ? {beginStep: 0, endStep: 12, frequency: 4}
        : {beginStep: 1, endStep: 3, frequency: 1};
    const pruner = new PolynomialDecay({...LINE, ...args, unit});
    const callbacks = [pruner, probe({onEpochEnd: evaluate})];
    const {history} = await fit(model, callbacks);
    return {logged: history.val_loss as number[], history, evaluated, sparsity, model};
  }

  const expectSame = (logged: number[], evaluated: number[]) => {
    expect(logged).toHaveLength(evaluated.length);
    logged.forEach((loss, i) => expect(loss).toBeCloseTo(evaluated[i], 5));
  };

  it('by validationData sees the masked weights', async () => {
    const {x, y} = data();
    const validation = data(20, 4, 2, 8);
    const {logged, evaluated, history, sparsity} = await compared((model, callbacks) =>
      model.fit(x, y, {
        ...QUIET,
        epochs: 3,
        validationData: [validation.x, validation.y],
        callbacks,
      }),
    );
    expectSame(logged, evaluated);
    (history.sparsity as number[]).forEach((value, i) => expect(value).toBeCloseTo(sparsity[i], 6));
  });

  it('by validationSplit sees the masked weights', async () => {
    const [training, validation] = [data(40), data(20, 4, 2, 8)];
    const x = tf.concat([training.x, validation.x]);
    const y = tf.concat([training.y, validation.y]);
    const {logged, evaluated} = await compared((model, callbacks) =>
      model.fit(x, y, {...QUIET, epochs: 3, validationSplit: 1 / 3, callbacks}),
    );
    expectSame(logged, evaluated);
  });

  it('in fitDataset sees the masked weights', async () => {
    const validation = data(20, 4, 2, 8);
    const {logged, evaluated} = await compared((model, callbacks) =>
      model.fitDataset(dataset(), {
        epochs: 3,
        verbose: 0,
        validationData: [validation.x, validation.y],
        callbacks,
      }),
    );
    expectSame(logged, evaluated);
  });

  it('by epochs stands beside the sparsity that was validated', async () => {
    const {x, y} = data();
    const {x: xs, y: ys} = data(20, 4, 2, 8);
    const validated: number[] = [];
    const {history} = await compared((model, callbacks) => {
      const last = probe({
        onBatchEnd: async (batch) => {
          if (batch === 3) {
            validated.push((await sparsityReport(model)).sparsity);
          }
        },
      });
      const validationData: [tf.Tensor, tf.Tensor] = [xs, ys];
      return model.fit(x, y, {
        ...QUIET,
        epochs: 4,
        validationData,
        callbacks: [last, ...callbacks],
      });
    }, 'epoch');
    const logged = history.sparsity as number[];
    expect(logged.map((value) => value.toFixed(4))).toEqual(
      validated.map((value) => value.toFixed(4)),
    );
  });
});

describe('datasets', () => {
  it('finite: prunes as fit does', async () => {
    const model = mlp();
    const {counts, callback} = zerosNoted(model);
    await model.fitDataset(dataset(), {
      epochs: 3,
      verbose: 0,
      callbacks: [new PolynomialDecay(LINE), callback],
    });
    expect(counts).toEqual(LINE_ZEROS);
    expect(hooked(model)).toBe(false);
    expect(warnings()).toEqual([]);
  });

  it('of unknown size: prunes as fit does', async () => {
    const model = mlp();
    const {counts, callback} = zerosNoted(model);
    await model.fitDataset(dataset(false), {
      epochs: 3,
      batchesPerEpoch: 4,
      verbose: 0,
      callbacks: [new PolynomialDecay(LINE), callback],
    });
    expect(counts).toEqual(LINE_ZEROS);
  });

  it('by epochs', async () => {
    const model = mlp();
    const {counts, callback} = zerosNoted(model);
    const args: PolynomialDecayArgs = {
      ...LINE,
      beginStep: 0,
      endStep: 2,
      frequency: 1,
      unit: 'epoch',
    };
    await model.fitDataset(dataset(false), {
      epochs: 3,
      batchesPerEpoch: 2,
      verbose: 0,
      callbacks: [new PolynomialDecay(args), callback],
    });
    expect(counts.slice(1)).toEqual([6, 12, 12, 18, 18, 18]);
  });

  it('give the same weights as fit on the same batches', async () => {
    const [one, other] = [mlp(), mlp()];
    const {x, y} = data();
    await one.fit(x, y, {...QUIET, epochs: 3, callbacks: [new PolynomialDecay(LINE)]});
    const callbacks = [new PolynomialDecay(LINE)];
    await other.fitDataset(dataset(), {epochs: 3, verbose: 0, callbacks});
    weights(one).forEach((numbers, i) =>
      numbers.forEach((value, j) => expect(weights(other)[i][j]).toBeCloseTo(value, 5)),
    );
  });
});

describe('by hand around trainOnBatch', () => {
  it('prunes as in fit', async () => {
    const model = mlp();
    const pruner = new PolynomialDecay(LINE);
    await begin(pruner, model);
    const counts = [zeros(kernel(model, 'dense_0'))];
    for (let step = 1; step <= 12; ++step) {
      await train(model, 1);
      counts.push(zeros(kernel(model, 'dense_0')));
    }
    expect(counts).toEqual(LINE_ZEROS);
    expect(pruner.sparsity).toBe(0.75);
    await pruner.onTrainEnd();
    expect(hooked(model)).toBe(false);
    expect(warnings()).toEqual([]);
    stripPruning(model);
    expect(kernelZeros(model)).toEqual([18, 9]);
  });

  it('prunes by epochs where its epoch hooks are called', async () => {
    const model = mlp();
    const pruner = new PolynomialDecay({
      ...LINE,
      beginStep: 1,
      endStep: 3,
      frequency: 1,
      unit: 'epoch',
    });
    await begin(pruner, model);
    const counts: number[] = [];
    for (let epoch = 0; epoch < 5; ++epoch) {
      await pruner.onEpochBegin(epoch);
      await train(model, 2);
      counts.push(zeros(kernel(model, 'dense_0')));
      await pruner.onEpochEnd(epoch);
    }
    await pruner.onTrainEnd();
    expect(counts).toEqual([0, 6, 12, 18, 18]);
    expect(warnings()).toEqual([]);
  });

  it('of a functional model prunes too', async () => {
    const input = tfl.input({shape: [4]});
    const output = tfl.layers.dense({units: 2, name: 'dense_0'}).apply(input);
    const model = tfl.model({inputs: input, outputs: output as tfl.SymbolicTensor});
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 1});
    await begin(pruner, model);
    expect(kernelZeros(model)).toEqual([0]);
    await train(model, 3);
    expect(kernelZeros(model)).toEqual([4]);
    await pruner.onTrainEnd();
    stripPruning(model);
  });

  it('goes on in a fit', async () => {
    const model = mlp();
    const {x, y} = data();
    const pruner = new PolynomialDecay(LINE);
    await begin(pruner, model);
    await train(model, 4);
    await pruner.onTrainEnd();
    expect(kernelZeros(model)).toEqual([6, 3]);
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    expect(kernelZeros(model)).toEqual([18, 9]);
  });
});

describe('unit epoch', () => {
  const EPOCHS: PolynomialDecayArgs = {
    ...LINE,
    beginStep: 1,
    endStep: 3,
    frequency: 1,
    unit: 'epoch',
  };

  it('prunes with the last step of an epoch and at no other time', async () => {
    const model = mlp();
    const {x, y} = data();
    const {counts, callback} = zerosNoted(model);
    const callbacks = [new PolynomialDecay(EPOCHS), callback];
    await model.fit(x, y, {...QUIET, epochs: 4, callbacks});
    expect(counts).toEqual([
      ...[0, 0, 0, 0, 6],
      ...[6, 6, 6, 12],
      ...[12, 12, 12, 18],
      ...[18, 18, 18, 18],
    ]);
  });

  it('prunes after the last epoch where the schedule ends there', async () => {
    const model = mlp();
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, epochs: 3, callbacks: [new PolynomialDecay(EPOCHS)]});
    expect(kernelZeros(model)).toEqual([18, 9]);
    expect(warnings()).toEqual([]);
  });

  it('prunes before the first epoch where it begins at 0', async () => {
    const model = mlp();
    const {x, y} = data();
    const {counts, callback} = zerosNoted(model);
    const callbacks = [new PolynomialDecay({...EPOCHS, beginStep: 0, endStep: 2}), callback];
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
    expect(counts.slice(1)).toEqual([6, 6, 6, 12]);
  });

  it('prunes when an epoch has ended where the number of its steps is unknown', async () => {
    const model = mlp();
    const {counts, callback} = zerosNoted(model);
    const endless = {...dataset(), size: NaN} as ReturnType<typeof dataset>;
    const args = {epochs: 4, verbose: 0 as const};
    const callbacks = [new PolynomialDecay(EPOCHS), callback];
    await model.fitDataset(endless, {...args, callbacks});
    expect(counts).toEqual([
      ...[0, 0, 0, 0, 0],
      ...[6, 6, 6, 6],
      ...[12, 12, 12, 12],
      ...[18, 18, 18, 18],
    ]);
    expect(warnings()).toEqual([]);
  });

  it('counts steps anew by hand after a fit', async () => {
    const model = mlp();
    const {x, y} = data();
    const pruner = new PolynomialDecay(EPOCHS);
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    const counts = [zeros(kernel(model, 'dense_0'))];
    await begin(pruner, model);
    for (let epoch = 1; epoch < 3; ++epoch) {
      await pruner.onEpochBegin(epoch);
      for (let step = 0; step < 2; ++step) {
        await train(model, 1);
        counts.push(zeros(kernel(model, 'dense_0')));
      }
      await pruner.onEpochEnd(epoch);
    }
    await pruner.onTrainEnd();
    expect(counts).toEqual([6, 6, 6, 12, 12]);
    expect(kernelZeros(model)).toEqual([18, 9]);
  });

  it('goes on after a fit that threw in the middle of an epoch', async () => {
    const model = mlp();
    const {x, y} = data();
    const pruner = new PolynomialDecay(EPOCHS);
    const onBatchEnd = async () => {
      if (model.optimizer.iterations === 6) {
        throw new Error('stop');
      }
    };
    const fit = model.fit(x, y, {...QUIET, epochs: 4, callbacks: [pruner, probe({onBatchEnd})]});
    await expect(fit).rejects.toThrow('stop');
    const {counts, callback} = zerosNoted(model);
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner, callback]});
    expect(counts).toEqual([6, 6, 6, 6, 12]);
  });

  it('counts on in a second fit, which starts at epoch 0 again', async () => {
    const model = mlp();
    const {x, y} = data();
    const pruner = new PolynomialDecay(EPOCHS);
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks: [pruner]});
    expect(kernelZeros(model)).toEqual([12, 6]);
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    expect(kernelZeros(model)).toEqual([18, 9]);
  });

  it('counts on in a second fit that goes on with initialEpoch', async () => {
    const model = mlp();
    const {x, y} = data();
    const pruner = new PolynomialDecay(EPOCHS);
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks: [pruner]});
    await model.fit(x, y, {...QUIET, initialEpoch: 2, epochs: 3, callbacks: [pruner]});
    expect(kernelZeros(model)).toEqual([18, 9]);
  });

  it('warns of no early end in a fit that a new callback goes on with', async () => {
    const {x, y} = data();
    const callbacks = [new PolynomialDecay(EPOCHS)];
    await mlp().fit(x, y, {...QUIET, initialEpoch: 1, epochs: 3, callbacks});
    expect(warnings()).toEqual([]);
  });

  it('counts from 0 for another model', async () => {
    const [one, other] = [mlp(), mlp({seed: 9})];
    const {x, y} = data();
    const pruner = new PolynomialDecay(EPOCHS);
    await one.fit(x, y, {...QUIET, epochs: 3, callbacks: [pruner]});
    stripPruning(one);
    const {counts, callback} = zerosNoted(other);
    await other.fit(x, y, {...QUIET, epochs: 2, callbacks: [pruner, callback]});
    expect(counts).toEqual([0, 0, 0, 0, 6, 6, 6, 6, 12]);
  });

  it('says how many epochs were missing', async () => {
    const model = mlp();
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks: [new PolynomialDecay(EPOCHS)]});
    expect(warnings()).toEqual([
      'PolynomialDecay: training will end 1 epoch before endStep (3); the sparsity will be 0.5000, ' +
        'not 0.75. Train longer, or lower endStep.',
    ]);
  });
});

describe('two callbacks on one model', () => {
  it('that prune different layers both do', async () => {
    const model = mlp({optimizer: tf.train.momentum(0.1, 0.9)});
    const {x, y} = data();
    const callbacks = [
      new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, layers: ['dense_0']}),
      new ConstantSparsity({targetSparsity: 0.75, beginStep: 3, layers: ['dense_1']}),
    ];
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks});
    expect(kernelZeros(model)).toEqual([12, 9]);
    const before = tf.memory().numTensors;
    stripPruning(model);
    expect(tf.memory().numTensors).toBe(before - 2);
    expect(kernelZeros(model)).toEqual([12, 9]);
  });

  it.each([
    ['the lower sparsity', [0.25, 0.5], 12],
    ['the higher sparsity', [0.75, 0.25], 18],
  ])('that prune one layer add up, %s first', async (_name, [first, second], wanted) => {
    const model = mlp({optimizer: tf.train.momentum(0.1, 0.9)});
    const {x, y} = data();
    const positions: number[][] = [];
    const note = async () => void positions.push(zeroPositions(kernel(model, 'dense_0')));
    const callbacks = [
      new ConstantSparsity({targetSparsity: first, beginStep: 1}),
      new ConstantSparsity({targetSparsity: second, beginStep: 5}),
      probe({onBatchEnd: note}),
    ];
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks});
    expect(positions[0]).toHaveLength(24 * first);
    expect(positions[7]).toHaveLength(wanted);
    expect(positions[7]).toEqual(expect.arrayContaining(positions[0]));
    stripPruning(model);
    expect(model.weights.some((variable) => maskOf(variable))).toBe(false);
    expect(kernelZeros(model)).toEqual([wanted, wanted / 2]);
  });

  it('in fits one after the other keep what the first has pruned', async () => {
    const model = mlp({optimizer: tf.train.momentum(0.1, 0.9)});
    const {x, y} = data();
    const first = new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, layers: ['dense_0']});
    const second = new ConstantSparsity({targetSparsity: 0.5, beginStep: 6, layers: ['dense_1']});
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [first]});
    const pruned = zeroPositions(kernel(model, 'dense_0'));
    const {counts, callback} = zerosNoted(model);
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [second, callback]});
    expect(counts).toEqual([12, 12, 12, 12, 12]);
    expect(zeroPositions(kernel(model, 'dense_0'))).toEqual(pruned);
  });
});

describe('a second fit', () => {
  it('goes on where the first ended', async () => {
    const model = mlp();
    const {x, y} = data();
    const pruner = new PolynomialDecay(LINE);
    const {counts, callback} = zerosNoted(model);
    for (let fit = 0; fit < 3; ++fit) {
      await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner, callback]});
    }
    expect(counts).toEqual([
      ...LINE_ZEROS.slice(0, 5),
      ...LINE_ZEROS.slice(4, 9),
      ...LINE_ZEROS.slice(8),
    ]);
    expect(model.optimizer.iterations).toBe(12);
  });

  it('starts afresh after stripPruning, at no lower sparsity than the zeros', async () => {
    const model = mlp();
    const {x, y} = data();
    const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 0});
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    stripPruning(model);
    const pruned = zeroPositions(kernel(model, 'dense_0'));
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    expect(zeroPositions(kernel(model, 'dense_0'))).toEqual(pruned);
  });

  it('goes on after a fit without callbacks, which leaves zeros at zero', async () => {
    const model = mlp();
    const {x, y} = data();
    const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 0});
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    const pruned = zeroPositions(kernel(model, 'dense_0'));
    await model.fit(x, y, {...QUIET, epochs: 1});
    expect(zeroPositions(kernel(model, 'dense_0'))).toEqual(pruned);
    const {counts, callback} = zerosNoted(model);
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner, callback]});
    expect(counts).toEqual([12, 12, 12, 12, 12]);
    expect(zeroPositions(kernel(model, 'dense_0'))).toEqual(pruned);
  });

  it('may be of another model after stripPruning', async () => {
    const [one, other] = [mlp(), mlp({units: [5, 2], seed: 9})];
    const {x, y} = data();
    const pruner = new PolynomialDecay(LINE);
    await one.fit(x, y, {...QUIET, epochs: 3, callbacks: [pruner]});
    stripPruning(one);
    const before = weights(one);
    const counts: number[][] = [];
    const note = async () => void counts.push(kernelZeros(other));
    const callbacks = [pruner, probe({onTrainBegin: note, onBatchEnd: note})];
    await other.fit(x, y, {...QUIET, epochs: 3, callbacks});
    // 0.25, 0.5 and 0.75 of 20 and 10, half up.
    expect(counts.map(([first]) => first)).toEqual(LINE_ZEROS.map((count) => (count / 24) * 20));
    expect(counts.map(([, second]) => second)).toEqual(
      LINE_ZEROS.map((count) => Math.round((count / 24) * 10)),
    );
    expect(weights(one)).toEqual(before);
    expect(pruner.sparsity).toBe((15 + 8) / 30);
    expect(warnings()).toEqual([]);
    stripPruning(other);
  });
});

describe('a fit that throws', () => {
  async function failed(pruner: tfl.Callback, model: tfl.LayersModel, at = 2): Promise<void> {
    const {x, y} = data();
    const onBatchEnd = async (batch: number) => {
      if (batch === at) {
        throw new Error('stop');
      }
    };
    const fit = model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner, probe({onBatchEnd})]});
    await expect(fit).rejects.toThrow('stop');
  }

  it('goes on in the next fit', async () => {
    const model = mlp();
    const {x, y} = data();
    const pruner = new PolynomialDecay(LINE);
    await failed(pruner, model);
    expect(model.optimizer.iterations).toBe(3);
    const {counts, callback} = zerosNoted(model);
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks: [pruner, callback]});
    expect(counts).toEqual(LINE_ZEROS.slice(3, 12));
    expect(hooked(model)).toBe(false);
  });

  it('prunes no further in a later fit without callbacks', async () => {
    const model = mlp();
    const {x, y} = data();
    await failed(new PolynomialDecay(LINE), model);
    await model.fit(x, y, {...QUIET, epochs: 2});
    expect(kernelZeros(model)).toEqual([6, 3]);
    expect(hooked(model)).toBe(false);
  });

  it('does not prune in a later fit with another callback', async () => {
    const model = mlp();
    const {x, y} = data();
    await failed(new PolynomialDecay(LINE), model);
    const callbacks = [new ConstantSparsity({targetSparsity: 0.5, beginStep: 4})];
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks});
    expect(kernelZeros(model)).toEqual([12, 6]);
    expect(hooked(model)).toBe(false);
  });

  it('prunes no further in a later trainOnBatch', async () => {
    const model = mlp();
    await failed(new PolynomialDecay(LINE), model);
    await train(model, 6);
    expect(kernelZeros(model)).toEqual([6, 3]);
  });

  it('does not prune another model in its next fit', async () => {
    const [one, other] = [mlp(), mlp({seed: 9})];
    const {x, y} = data();
    const pruner = new PolynomialDecay(LINE);
    await failed(pruner, one);
    stripPruning(one);
    const before = weights(one);
    await other.fit(x, y, {...QUIET, epochs: 3, callbacks: [pruner]});
    expect(kernelZeros(other)).toEqual([18, 9]);
    expect(weights(one)).toEqual(before);
    expect(hooked(one)).toBe(false);
  });

  it('leaves a model that stripPruning makes plain', async () => {
    const model = mlp();
    const {x, y} = data();
    await failed(new PolynomialDecay(LINE), model);
    stripPruning(model);
    expect(hooked(model)).toBe(false);
    expect(kernelZeros(model)).toEqual([6, 3]);
    await model.fit(x, y, {...QUIET, epochs: 2});
    expect(kernelZeros(model)).toEqual([0, 0]);
  });
});

describe('a recompile', () => {
  const compile = (model: tfl.LayersModel) =>
    model.compile({optimizer: tf.train.momentum(0.1, 0.9), loss: 'meanSquaredError'});

  it('resets the step and revives nothing', async () => {
    const model = mlp();
    const {x, y} = data();
    const pruner = new PolynomialDecay({...LINE, beginStep: 0, frequency: 1});
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks: [pruner]});
    const pruned = zeroPositions(kernel(model, 'dense_0'));
    expect(pruned).toHaveLength(18);
    compile(model);
    const positions: number[][] = [];
    const note = async () => void positions.push(zeroPositions(kernel(model, 'dense_0')));
    const callbacks = [pruner, probe({onTrainBegin: note, onBatchEnd: note})];
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks});
    expect(model.optimizer.iterations).toBe(8);
    expect(positions).toEqual(Array(9).fill(pruned));
    expect(hooked(model)).toBe(false);
  });

  it('before a new callback revives nothing', async () => {
    const model = mlp();
    const {x, y} = data();
    const first = new ConstantSparsity({targetSparsity: 0.75, beginStep: 0});
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [first]});
    const pruned = zeroPositions(kernel(model, 'dense_0'));
    compile(model);
    const {counts, callback} = zerosNoted(model);
    const second = new ConstantSparsity({targetSparsity: 0.25, beginStep: 2});
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [second, callback]});
    expect(counts).toEqual([18, 18, 18, 18, 18]);
    expect(zeroPositions(kernel(model, 'dense_0'))).toEqual(pruned);
  });

  it('goes on to a higher sparsity of the schedule', async () => {
    const model = mlp();
    const {x, y} = data();
    const pruner = new PolynomialDecay(LINE);
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    compile(model);
    const {counts, callback} = zerosNoted(model);
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks: [pruner, callback]});
    expect(counts).toEqual([6, 6, 6, 6, 6, 12, 12, 12, 18]);
  });
});

describe('logs.sparsity', () => {
  it('reaches the history of each epoch', async () => {
    const model = mlp();
    const {x, y} = data();
    const callbacks = [new PolynomialDecay(LINE)];
    const {history} = await model.fit(x, y, {...QUIET, epochs: 3, callbacks});
    const logged = (history.sparsity as number[]).map((value) => value.toFixed(6));
    expect(logged).toEqual(['0.250000', '0.750000', '0.750000']);
  });

  it('reaches the history of fitDataset', async () => {
    const callbacks = [new PolynomialDecay(LINE)];
    const {history} = await mlp().fitDataset(dataset(), {epochs: 2, verbose: 0, callbacks});
    const logged = (history.sparsity as number[]).map((value) => value.toFixed(6));
    expect(logged).toEqual(['0.250000', '0.750000']);
  });

  it('is the share of zeros after each batch', async () => {
    const model = mlp({units: [7, 3]});
    const {x, y} = data(40, 4, 3);
    const pairs: [unknown, number][] = [];
    const onBatchEnd = async (_batch: number, logs?: tfl.Logs) => {
      pairs.push([logs?.sparsity, (await sparsityReport(model)).sparsity]);
    };
    const callbacks = [new PolynomialDecay(LINE), probe({onBatchEnd})];
    await model.fit(x, y, {...QUIET, epochs: 3, callbacks});
    pairs.forEach(([logged, counted]) => expect(logged).toBeCloseTo(counted, 6));
    expect(pairs.at(-1)![0]).toBeGreaterThan(0.7);
  });

  it('counts what another callback has pruned in the same weights', async () => {
    const model = mlp();
    const {x, y} = data();
    const callbacks = [
      new ConstantSparsity({targetSparsity: 0.75, beginStep: 0}),
      new ConstantSparsity({targetSparsity: 0.25, beginStep: 0}),
    ];
    const {history} = await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
    expect(history.sparsity).toEqual([0.75]);
  });

  it('is 0 before anything is pruned', async () => {
    const model = mlp();
    const {x, y} = data();
    const callbacks = [new ConstantSparsity({targetSparsity: 0.75, beginStep: 5})];
    const {history} = await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
    expect(history.sparsity).toEqual([0]);
  });
});

describe('warnings', () => {
  it('there are none where the schedule has ended', async () => {
    const {x, y} = data();
    const callbacks = [new PolynomialDecay(LINE)];
    await mlp().fit(x, y, {...QUIET, epochs: 2, callbacks});
    expect(warnings()).toEqual([]);
  });

  it('an end that was not reached is said with the number of steps', async () => {
    const {x, y} = data();
    const callbacks = [new PolynomialDecay({...LINE, endStep: 9})];
    await mlp().fit(x, y, {...QUIET, epochs: 2, callbacks});
    expect(warnings()).toEqual([
      'PolynomialDecay: training will end 1 step before endStep (9); the sparsity will be 0.6786, ' +
        'not 0.75. Train longer, or lower endStep.',
    ]);
  });

  it('a begin that was not reached is said where there is no end', async () => {
    const {x, y} = data();
    const callbacks = [new ConstantSparsity({targetSparsity: 0.5, beginStep: 10})];
    await mlp().fit(x, y, {...QUIET, epochs: 1, callbacks});
    expect(warnings()).toEqual([
      'ConstantSparsity: training will end 6 steps before beginStep (10); the sparsity will be 0.0000, ' +
        'not 0.5. Train longer, or lower beginStep.',
    ]);
  });

  it('a late start is said, and prunes to the schedule at once', async () => {
    const model = mlp();
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, epochs: 1});
    const {counts, callback} = zerosNoted(model);
    const callbacks = [new PolynomialDecay({...LINE, frequency: 1}), callback];
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toMatch(
      /^PolynomialDecay: the optimizer has done 4 steps since compile\(\), so pruning starts there, at a sparsity of 0\.4167, and not at beginStep \(2\)\./,
    );
    expect(counts).toEqual([10, 12, 14, 16, 18]);
  });

  it('a start at beginStep is not late', async () => {
    const model = mlp();
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, epochs: 1});
    const callbacks = [new PolynomialDecay({...LINE, beginStep: 4})];
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
    expect(warnings()).toEqual([]);
  });

  it('a second fit is not late', async () => {
    const model = mlp();
    const {x, y} = data();
    const pruner = new PolynomialDecay({...LINE, beginStep: 0, endStep: 4});
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    expect(warnings()).toEqual([]);
  });
});

describe('resume', () => {
  const ARGS: PolynomialDecayArgs = {
    ...LINE,
    initialSparsity: 0.2,
    finalSparsity: 0.9,
    endStep: 11,
  };

  async function uninterrupted(optimizer: () => tf.Optimizer): Promise<tfl.LayersModel> {
    const model = mlp({optimizer: optimizer()});
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, epochs: 3, callbacks: [new PolynomialDecay(ARGS)]});
    return stripPruning(model);
  }

  /** The same training, saved and loaded after 8 steps, two updates before its end. */
  async function resumed(optimizer: () => tf.Optimizer): Promise<tfl.LayersModel> {
    const first = mlp({optimizer: optimizer()});
    const {x, y} = data();
    await first.fit(x, y, {...QUIET, epochs: 2, callbacks: [new PolynomialDecay(ARGS)]});
    const model = await loaded(await saved(first, true));
    expect(model.optimizer.iterations).toBe(8);
    warn.mockClear();
    const pruner = new PolynomialDecay({...ARGS, resume: true});
    const {counts, callback} = zerosNoted(model);
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner, callback]});
    // 0.2 + 0.7·6/9 of 24 at step 8, 0.9 of 24 at step 11.
    expect(counts).toEqual([16, 16, 16, 22, 22]);
    expect(model.optimizer.iterations).toBe(12);
    expect(warnings()).toEqual([]);
    return stripPruning(model);
  }

  const RESTORED = OPTIMIZERS.filter(([name]) => name !== 'adamax');

  it.each(RESTORED)('with %s ends at the same counts', async (_name, optimizer) => {
    const [whole, parts] = [await uninterrupted(optimizer), await resumed(optimizer)];
    expect(kernelZeros(whole)).toEqual([22, 11]);
    expect(kernelZeros(parts)).toEqual([22, 11]);
  });

  it('with sgd ends at the same weights', async () => {
    const optimizer = () => tf.train.sgd(0.1);
    const [whole, parts] = [await uninterrupted(optimizer), await resumed(optimizer)];
    weights(whole).forEach((numbers, i) =>
      numbers.forEach((value, j) => expect(weights(parts)[i][j]).toBeCloseTo(value, 5)),
    );
  });

  it.each([
    [true, 18],
    [false, 0],
  ])('%p leaves %p zeros of a model that was compiled anew', async (resume, wanted) => {
    const first = mlp();
    const {x, y} = data();
    const done = new ConstantSparsity({targetSparsity: 0.75, beginStep: 0});
    await first.fit(x, y, {...QUIET, epochs: 1, callbacks: [done]});
    const model = await loaded(await saved(first));
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    expect(kernelZeros(model)).toEqual([18, 9]);
    const callbacks = [new ConstantSparsity({targetSparsity: 0.8, beginStep: 20, resume})];
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
    expect(kernelZeros(model)).toEqual([wanted, wanted / 2]);
  });

  it('reports the zeros that it has taken over', async () => {
    const model = mlp({inputs: 4, units: [2]});
    setWeight(model.layers[0], 0, [0, 0, 0, 0, 5, 6, 7, 8]);
    const pruner = new ConstantSparsity({targetSparsity: 0.25, beginStep: 0, resume: true});
    const {x, y} = data();
    const batches: unknown[] = [];
    const onBatchEnd = async (_batch: number, logs?: tfl.Logs) => void batches.push(logs?.sparsity);
    const callbacks = [pruner, probe({onBatchEnd})];
    const {history} = await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
    expect(kernelZeros(model)).toEqual([4]);
    expect(history.sparsity).toEqual([0.5]);
    expect(batches).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it('of masks that are still there keeps them, whatever the weights are now', async () => {
    const model = mlp();
    const {x, y} = data();
    const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, resume: true});
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    const pruned = zeroPositions(kernel(model, 'dense_0'));
    await model.fit(x, y, {...QUIET, epochs: 1});
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [pruner]});
    expect(pruned).toHaveLength(12);
    expect(zeroPositions(kernel(model, 'dense_0'))).toEqual(pruned);
  });

  it('prunes a model without zeros like a new one', async () => {
    const model = mlp();
    const {x, y} = data();
    const {counts, callback} = zerosNoted(model);
    const callbacks = [new PolynomialDecay({...LINE, resume: true}), callback];
    await model.fit(x, y, {...QUIET, epochs: 3, callbacks});
    expect(counts).toEqual(LINE_ZEROS);
  });
});

describe('scope global', () => {
  const bare = (targetSparsity: number, rest = {}) =>
    new ConstantSparsity({targetSparsity, beginStep: 0, scope: 'global', ...rest});

  it('takes the smallest wherever they are', async () => {
    const model = mlp({inputs: 2, units: [2, 2]});
    setWeight(model.layers[0], 0, [1, -2, 3, -4]);
    setWeight(model.layers[1], 0, [5, 6, -7, 0.5]);
    const pruner = bare(0.5);
    await begin(pruner, model);
    const kept = (name: string) => [...kernel(model, name)].map((value) => value + 0);
    expect(kept('dense_0')).toEqual([0, 0, 0, -4]);
    expect(kept('dense_1')).toEqual([5, 6, -7, 0]);
    expect(pruner.sparsity).toBe(0.5);
    await pruner.onTrainEnd();
    stripPruning(model);
  });

  it('takes ties in the order of the model', async () => {
    const model = mlp({inputs: 2, units: [2, 2]});
    setWeight(model.layers[0], 0, [1, 1, 1, 1]);
    setWeight(model.layers[1], 0, [1, 1, 1, 1]);
    await begin(bare(0.75), model);
    expect(zeroPositions(kernel(model, 'dense_0'))).toEqual([0, 1, 2, 3]);
    expect(zeroPositions(kernel(model, 'dense_1'))).toEqual([0, 1]);
    stripPruning(model);
  });

  it('has exactly the scheduled number of zeros in all after each step', async () => {
    const model = mlp({units: [7, 5, 2], optimizer: tf.train.adam(0.05)});
    const {x, y} = data();
    const totals: number[] = [];
    const note = async () => {
      totals.push(kernelZeros(model).reduce((all, count) => all + count, 0));
    };
    const callbacks = [
      new PolynomialDecay({...LINE, scope: 'global'}),
      probe({onTrainBegin: note, onBatchEnd: note}),
    ];
    await model.fit(x, y, {...QUIET, epochs: 3, callbacks});
    const size = 28 + 35 + 10;
    expect(totals).toEqual(LINE_ZEROS.map((count) => Math.round((count / 24) * size)));
  });

  it('leaves layers with a sparsity of their own apart', async () => {
    const model = mlp({inputs: 2, units: [2, 2, 2]});
    setWeight(model.layers[0], 0, [0.1, 0.2, 0.3, 0.4]);
    setWeight(model.layers[1], 0, [1, 2, 3, 4]);
    setWeight(model.layers[2], 0, [10, 20, 30, 40]);
    await begin(bare(0.5, {layers: {dense_0: 0.25}}), model);
    expect(kernelZeros(model)).toEqual([1, 4, 0]);
    stripPruning(model);
  });

  it('keeps what was pruned in one layer as it grows', async () => {
    const model = mlp({inputs: 2, units: [2, 2]});
    setWeight(model.layers[0], 0, [1, 2, 9, 9]);
    setWeight(model.layers[1], 0, [3, 4, 8, 8]);
    const pruner = new PolynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.5,
      beginStep: 0,
      endStep: 1,
      scope: 'global',
    });
    await begin(pruner, model);
    expect(kernelZeros(model)).toEqual([2, 0]);
    setWeight(model.layers[0], 0, [99, 99, 5, 6]);
    setWeight(model.layers[1], 0, [3, 4, 8, 8]);
    model.optimizer.applyGradients({});
    expect(zeroPositions(kernel(model, 'dense_0'))).toEqual([0, 1]);
    expect(zeroPositions(kernel(model, 'dense_1'))).toEqual([0, 1]);
    stripPruning(model);
  });

  it('of one weight is that of the layer', async () => {
    const [one, other] = [mlp({units: [2]}), mlp({units: [2]})];
    await begin(bare(0.5), one);
    await begin(new ConstantSparsity({targetSparsity: 0.5, beginStep: 0}), other);
    expect(kernel(one, 'dense_0')).toEqual(kernel(other, 'dense_0'));
    [one, other].forEach(stripPruning);
  });
});

describe('exact counts', () => {
  /** Prunes the kernel of a layer with these weights, and gives it back stripped. */
  async function pruned(numbers: ArrayLike<number>, targetSparsity: number): Promise<Float32Array> {
    const model = mlp({inputs: numbers.length, units: [1]});
    setWeight(model.layers[0], 0, numbers);
    await begin(new ConstantSparsity({targetSparsity, beginStep: 0}), model);
    return kernel(stripPruning(model), 'dense_0');
  }

  it.each<[string, number[], number, number[]]>([
    ['of equal weights', [3, 3, 3, 3, 3, 3, 3, 3], 0.5, [0, 0, 0, 0, 3, 3, 3, 3]],
    ['of equal magnitudes', [2, -2, 2, -2], 0.5, [0, 0, 2, -2]],
    ['half up', [1, 2, 3, 4, 5], 0.5, [0, 0, 0, 4, 5]],
    ['with zeros there already', [0, 7, 0, 5, 6, 0], 0.5, [0, 7, 0, 5, 6, 0]],
    ['with more zeros there already', [0, 7, 0, 0], 0.25, [0, 7, 0, 0]],
    ['with −0 there already', [-0, 7, 4, 5], 0.5, [0, 7, 0, 5]],
    ['of one weight', [5], 0.9, [5]],
    ['of one weight that is left', [1, 2, 3], 0.99, [0, 0, 3]],
    ['of none', [1, 2, 3], 0, [1, 2, 3]],
  ])('%s', async (_name, numbers, sparsity, wanted) => {
    expect([...(await pruned(numbers, sparsity))]).toEqual(wanted);
  });

  it('of all equal weights whose count of zeros is never off', async () => {
    for (let size = 1; size <= 12; ++size) {
      const sparsity = 0.37;
      const count = zeros(await pruned(Array(size).fill(-1), sparsity));
      expect(count).toBe(Math.min(Math.round(size * sparsity), size - 1));
    }
  });
});

describe('kinds of layers', () => {
  const recurrent = {recurrentInitializer: 'glorotUniform'} as const;

  /** Trains 6 steps, pruned to a half from step 2 on, and expects exact halves. */
  async function expectHalves(
    model: tfl.LayersModel,
    x: tf.Tensor,
    y: tf.Tensor,
    warned: unknown[] = [],
  ): Promise<void> {
    fillKernels(model);
    model.compile({optimizer: tf.train.adam(0.01), loss: 'meanSquaredError'});
    const callbacks = [new ConstantSparsity({targetSparsity: 0.5, beginStep: 2})];
    await model.fit(x, y, {batchSize: 4, epochs: 3, verbose: 0, callbacks});
    stripPruning(model);
    const {weights: list} = await sparsityReport(model);
    list.forEach((weight) => expect(weight.zeros).toBe(Math.round(weight.size / 2)));
    expect(warnings()).toEqual(warned);
  }

  it.each<[string, () => tfl.layers.Layer]>([
    ['LSTM', () => tfl.layers.lstm({...recurrent, units: 3, inputShape: [3, 2]})],
    ['GRU', () => tfl.layers.gru({...recurrent, units: 3, inputShape: [3, 2]})],
    ['SimpleRNN', () => tfl.layers.simpleRNN({...recurrent, units: 3, inputShape: [3, 2]})],
    [
      'stacked cells',
      () =>
        tfl.layers.rnn({
          cell: [
            tfl.layers.simpleRNNCell({...recurrent, units: 3}),
            tfl.layers.simpleRNNCell({...recurrent, units: 2}),
          ],
          inputShape: [3, 2],
        }),
    ],
    [
      'Bidirectional',
      () =>
        tfl.layers.bidirectional({
          layer: tfl.layers.simpleRNN({...recurrent, units: 3}) as tfl.RNN,
          inputShape: [3, 2],
        }),
    ],
  ])('%s', async (_name, build) => {
    const model = tfl.sequential({layers: [build(), tfl.layers.dense({units: 2})]});
    await expectHalves(model, tf.randomUniform([8, 3, 2], -1, 1, 'float32', 1), tf.ones([8, 2]));
  });

  it('TimeDistributed', async () => {
    const layer = tfl.layers.dense({units: 4});
    const model = tfl.sequential({
      layers: [
        tfl.layers.timeDistributed({layer, inputShape: [3, 2]}),
        tfl.layers.flatten(),
        tfl.layers.dense({units: 2}),
      ],
    });
    await expectHalves(model, tf.randomUniform([8, 3, 2], -1, 1, 'float32', 1), tf.ones([8, 2]));
  });

  it('nested models and a shared layer', async () => {
    const shared = tfl.layers.dense({units: 4, name: 'shared', inputShape: [4]});
    const inner = tfl.sequential({layers: [shared, tfl.layers.dense({units: 4})]});
    const input = tfl.input({shape: [4]});
    const twice = shared.apply(inner.apply(input));
    const output = tfl.layers.dense({units: 2}).apply(twice) as tfl.SymbolicTensor;
    const model = tfl.model({inputs: input, outputs: output});
    const {x, y} = data(8);
    await expectHalves(model, x, y);
    expect((await sparsityReport(model)).size).toBe(16 + 16 + 8);
  });

  it('those with normalization, whose weights are left alone', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.dense({units: 4, inputShape: [4]}),
        tfl.layers.batchNormalization({name: 'bn'}),
        tfl.layers.dense({units: 2}),
      ],
    });
    const {x, y} = data(8);
    await expectHalves(model, x, y, [expect.stringContaining('recalibrateNormalization')]);
    const gamma = model.getLayer('bn').weights[0].read().dataSync();
    expect(zeros(gamma)).toBe(0);
  });

  it('frozen ones that are asked for stay pruned too', async () => {
    const model = mlp();
    model.layers[0].trainable = false;
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const {x, y} = data();
    const callbacks = [new PolynomialDecay({...LINE, layers: ['dense_0', 'dense_1']})];
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks});
    expect(kernelZeros(model)).toEqual([18, 9]);
    stripPruning(model);
    expect(maskOf(model.layers[0].weights[0])).toBeUndefined();
  });

  it('those with constraints and regularizers', async () => {
    const model = mlp({
      optimizer: tf.train.adam(0.05),
      dense: {
        kernelConstraint: 'maxNorm',
        kernelRegularizer: tfl.regularizers.l1l2({l1: 0.01, l2: 0.01}),
      },
    });
    const {x, y} = data();
    const {counts, callback} = zerosNoted(model);
    await model.fit(x, y, {...QUIET, epochs: 3, callbacks: [new PolynomialDecay(LINE), callback]});
    expect(counts).toEqual(LINE_ZEROS);
    expect(weights(model).flat().every(Number.isFinite)).toBe(true);
  });

  it('those that a predicate, names or a map choose, in a fit', async () => {
    const {x, y} = data();
    const chosen = async (layers: PolynomialDecayArgs['layers']) => {
      const model = mlp({units: [6, 4, 2]});
      await model.fit(x, y, {
        ...QUIET,
        epochs: 2,
        callbacks: [new PolynomialDecay({...LINE, layers})],
      });
      return kernelZeros(stripPruning(model));
    };
    expect(await chosen(({name}) => name !== 'dense_1')).toEqual([18, 0, 6]);
    expect(await chosen(['dense_1'])).toEqual([0, 18, 0]);
    expect(await chosen({dense_0: 0.5, dense_2: false})).toEqual([12, 18, 0]);
  });
});
