import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {ConstantSparsity, PolynomialDecay, stripPruning} from '../../../lib';
import {QUIET, countReads, data, dataset, mlp, probe, train} from '../../setup/models';

/** Updates at steps 0, 5, 10, … */
const pruner = (scope: 'layer' | 'global' = 'layer') =>
  new PolynomialDecay({
    initialSparsity: 0.1,
    finalSparsity: 0.8,
    beginStep: 0,
    endStep: 20,
    frequency: 5,
    power: 1,
    scope,
  });

/** What is read back for each of 20 batches, with all that the callbacks do at its end. */
async function readsByBatch(callbacks: tfl.Callback[]): Promise<number[]> {
  const model = mlp({optimizer: tf.train.adam(0.01)});
  const {x, y} = data(200);
  const reads = countReads();
  const marks: number[] = [];
  const onBatchBegin = async () => void marks.push(reads.count());
  const onBatchEnd = async (batch: number) => {
    if (batch === 19) {
      marks.push(reads.count());
    }
  };
  const all = [...callbacks, probe({onBatchBegin, onBatchEnd})];
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks: all});
  reads.restore();
  stripPruning(model);
  tf.dispose([x, y]);
  return marks.slice(1).map((mark, i) => mark - marks[i]);
}

describe('reads', () => {
  it('are seen by the spies', async () => {
    const reads = countReads();
    const tensor = tf.tensor1d([1, 2]);
    await tensor.data();
    const [once] = [reads.count()];
    tensor.dataSync();
    expect(once).toBeGreaterThan(0);
    expect(reads.count()).toBeGreaterThan(once);
    reads.restore();
    tensor.dispose();
  });

  it.each(['layer', 'global'] as const)('are none between updates, scope %s', async (scope) => {
    const plain = await readsByBatch([]);
    const pruned = await readsByBatch([pruner(scope)]);
    expect(pruned).toHaveLength(20);
    pruned.forEach((count, batch) => {
      if ((batch + 1) % 5 !== 0) {
        expect(count).toBe(plain[batch]);
      }
    });
  });

  it('are as many at an update for one weight as for five', async () => {
    const atUpdates = async (units: number[]) => {
      const model = mlp({units});
      const {x, y} = data();
      const reads = countReads();
      const callbacks = [
        new PolynomialDecay({
          initialSparsity: 0.1,
          finalSparsity: 0.8,
          beginStep: 0,
          endStep: 4,
          frequency: 1,
        }),
      ];
      await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
      const count = reads.count();
      reads.restore();
      stripPruning(model);
      return count;
    };
    expect(await atUpdates([4, 4, 4, 4, 2])).toBe(await atUpdates([2]));
  });

  it('are none in a loop of trainOnBatch between updates', async () => {
    const model = mlp();
    const count = async (steps: number) => {
      const reads = countReads();
      await train(model, steps);
      const all = reads.count();
      reads.restore();
      return all;
    };
    const plain = await count(10);
    const callback = new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, frequency: 1000});
    callback.setModel(model);
    await callback.onTrainBegin();
    expect(await count(10)).toBe(plain);
    await callback.onTrainEnd();
    stripPruning(model);
  });

  it('are none in stripPruning, with any number of masks', async () => {
    const model = mlp({units: [4, 4, 4, 2]});
    const {x, y} = data();
    const callbacks = [pruner(), new ConstantSparsity({targetSparsity: 0.3, beginStep: 1})];
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
    warn.mockRestore();
    const reads = countReads();
    stripPruning(model);
    expect(reads.count()).toBe(0);
    reads.restore();
  });
});

describe('tensors', () => {
  /** Tensors and bytes that three fits and a strip leave behind. */
  async function left(
    callbacks: () => tfl.Callback[],
    fit: (model: tfl.LayersModel, callbacks: tfl.Callback[]) => Promise<unknown>,
  ): Promise<[number, number]> {
    const model = mlp({optimizer: tf.train.adam(0.01)});
    const before = tf.memory();
    const list = callbacks();
    for (let i = 0; i < 3; ++i) {
      await fit(model, list);
    }
    stripPruning(model);
    const after = tf.memory();
    model.dispose();
    return [after.numTensors - before.numTensors, after.numBytes - before.numBytes];
  }

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

  const lists: [string, () => tfl.Callback[]][] = [
    ['one callback', () => [pruner()]],
    ['scope global', () => [pruner('global')]],
    [
      'unit epoch',
      () => [
        new PolynomialDecay({
          initialSparsity: 0.1,
          finalSparsity: 0.8,
          beginStep: 0,
          endStep: 4,
          frequency: 1,
          unit: 'epoch',
        }),
      ],
    ],
    ['resume', () => [new ConstantSparsity({targetSparsity: 0.5, beginStep: 3, resume: true})]],
    [
      'two callbacks',
      () => [pruner(), new ConstantSparsity({targetSparsity: 0.5, beginStep: 3, frequency: 1})],
    ],
  ];

  describe.each([
    ['fit', byFit],
    ['fitDataset', byDataset],
    ['trainOnBatch', byHand],
  ])('after three times %s and stripPruning', (name, fit) => {
    const cases = lists.filter(([list]) => name !== 'trainOnBatch' || list !== 'unit epoch');

    it.each(cases)('are as many as without: %s', async (_name, callbacks) => {
      const warn = jest.spyOn(console, 'warn').mockImplementation();
      const plain = await left(() => [], fit);
      expect(await left(callbacks, fit)).toEqual(plain);
      warn.mockRestore();
    });
  });

  it('are one mask a weight more while training', async () => {
    const model = mlp();
    const callback = pruner();
    callback.setModel(model);
    await callback.onTrainBegin();
    const counts: number[] = [];
    for (let step = 0; step < 7; ++step) {
      await train(model, 1);
      counts.push(tf.memory().numTensors);
    }
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    await callback.onTrainEnd();
    warn.mockRestore();
    const masked = tf.memory().numTensors;
    stripPruning(model);
    expect(tf.memory().numTensors).toBe(masked - 2);
    expect(new Set(counts.slice(0, 4)).size).toBe(1);
  });

  it('are none more after a fit that throws at an update, one that ends, and stripPruning', async () => {
    const stop = probe({
      onBatchEnd: async (batch) => {
        if (batch === 2) {
          throw new Error('stop');
        }
      },
    });
    // tfjs itself leaves some behind where a fit throws.
    const thrown = async (model: tfl.LayersModel, callbacks: tfl.Callback[]) => {
      const {x, y} = data();
      const fit = model.fit(x, y, {...QUIET, epochs: 1, callbacks: [stop, ...callbacks]});
      await expect(fit).rejects.toThrow('stop');
      await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
      tf.dispose([x, y]);
    };
    const callbacks = () => [
      new PolynomialDecay({
        initialSparsity: 0.1,
        finalSparsity: 0.5,
        beginStep: 0,
        endStep: 6,
        frequency: 1,
      }),
    ];
    const plain = await left(() => [], thrown);
    expect(await left(callbacks, thrown)).toEqual(plain);
  });
});
