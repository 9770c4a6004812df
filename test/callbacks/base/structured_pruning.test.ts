import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {NeuronPruner, type NeuronPrunerArgs, stripPruning} from '../../../lib';
import {
  data,
  dataset,
  loaded,
  mlp,
  probe,
  QUIET,
  saved,
  values,
  zeroPositions,
} from '../../setup/models';

/** From none to three of six units, in epochs 1 to 3. */
const EPOCHS: NeuronPrunerArgs = {
  unit: 'epoch',
  initialSparsity: 1 / 6,
  finalSparsity: 0.5,
  beginStep: 1,
  endStep: 3,
  frequency: 1,
  power: 1,
};

/** Three of six units at step 0, one more at step 4. */
const STEPS: NeuronPrunerArgs = {
  initialSparsity: 0.5,
  finalSparsity: 4 / 6,
  beginStep: 0,
  endStep: 4,
  frequency: 4,
};

let warn: jest.SpyInstance;
beforeEach(() => {
  warn = jest.spyOn(console, 'warn').mockImplementation();
});
afterEach(() => warn.mockRestore());

async function fit(model: LayersModel, pruner: NeuronPruner, epochs: number, initialEpoch = 0) {
  const {x, y} = data();
  const seen: number[] = [];
  const watch = probe({onBatchEnd: async () => void seen.push(Math.round(pruner.sparsity * 6))});
  const callbacks = [pruner, watch];
  const history = await model.fit(x, y, {...QUIET, epochs, initialEpoch, callbacks});
  tf.dispose([x, y]);
  return {seen, history};
}

/** The units of the first layer without a weight. */
const gone = (model: LayersModel) => {
  const [kernel, bias] = model.getLayer('dense_0').weights;
  const sizes = tf.tidy(() => values(tf.sum(tf.abs(kernel.read()), 0)));
  return zeroPositions(sizes.map((size, i) => size + Math.abs(values(bias)[i])));
};

describe('unit: epoch', () => {
  it('updates at the end of epochs, in the last onBatchEnd', async () => {
    const pruner = new NeuronPruner(EPOCHS);
    const {seen, history} = await fit(mlp(), pruner, 4);
    expect(seen).toEqual([0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3]);
    expect(history.history.channelSparsity).toEqual([1 / 6, 2 / 6, 3 / 6, 3 / 6]);
    expect(warn).not.toHaveBeenCalled();
  });

  it('goes on counting in a second fit', async () => {
    const model = mlp();
    const pruner = new NeuronPruner(EPOCHS);
    await fit(model, pruner, 2);
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^NeuronPruner: training will end 1 epoch before endStep \(3\); the sp/,
        ),
      ],
    ]);
    expect((await fit(model, pruner, 1)).seen).toEqual([2, 2, 2, 3]);
  });

  it('prunes in fitDataset of unknown size too', async () => {
    const pruner = new NeuronPruner(EPOCHS);
    await mlp().fitDataset(dataset(false), {
      epochs: 3,
      batchesPerEpoch: 2,
      verbose: 0,
      callbacks: [pruner],
    });
    expect(pruner.sparsity).toBe(0.5);
  });
});

describe('a schedule', () => {
  it('that begins late catches up, and says so', async () => {
    const model = mlp();
    const pruner = new NeuronPruner(STEPS);
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, epochs: 1});
    const {seen} = await fit(model, pruner, 1);
    expect(seen).toEqual([4, 4, 4, 4]);
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^NeuronPruner: the optimizer has done 4 steps since compile\(\)/)],
    ]);
    warn.mockClear();
    await fit(model, pruner, 1);
    expect(warn).not.toHaveBeenCalled();
    tf.dispose([x, y]);
  });
});

describe('resume', () => {
  it('takes up the units that are zero in a model that was loaded', async () => {
    const model = mlp();
    await fit(model, new NeuronPruner({...STEPS, endStep: 0, finalSparsity: 0.5}), 1);
    const first = gone(model);
    expect(first).toHaveLength(3);
    stripPruning(model);
    const next = await loaded(await saved(model));
    next.compile({optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError'});
    const pruner = new NeuronPruner({...STEPS, resume: true});
    const {seen} = await fit(next, pruner, 1);
    expect(seen).toEqual([3, 3, 3, 4]);
    expect(gone(next)).toEqual(expect.arrayContaining(first));
  });

  it('lets them grow again without', async () => {
    const model = mlp();
    await fit(model, new NeuronPruner({...STEPS, endStep: 0, finalSparsity: 0.5}), 1);
    stripPruning(model);
    model.compile({optimizer: tf.train.sgd(0.1), loss: 'meanSquaredError'});
    await fit(model, new NeuronPruner({...STEPS, beginStep: 4, endStep: 4}), 1);
    // The gradient of a unit's output is not zero, only its own weights are.
    expect(gone(model)).toHaveLength(4);
    const {x, y} = data();
    stripPruning(model);
    await model.fit(x, y, {...QUIET, epochs: 1});
    expect(gone(model)).toHaveLength(0);
    tf.dispose([x, y]);
  });

  it('leaves a unit alone that has a bias', async () => {
    const model = mlp();
    const [kernel, bias] = model.getLayer('dense_0').weights;
    kernel.write(tf.zeros([4, 6]));
    bias.write(tf.tensor1d([0, 1, 0, 1, 1, 1]));
    const pruner = new NeuronPruner({...STEPS, resume: true, initialSparsity: 0, beginStep: 1});
    pruner.setModel(model);
    await pruner.onTrainBegin();
    expect(pruner.sparsity).toBe(2 / 6);
    await pruner.onTrainEnd();
    expect(gone(model)).toEqual([0, 2]);
  });
});

it.each<[object, string]>([
  [{unit: 'batch'}, "unit: expected 'step' or 'epoch', but got 'batch'."],
  [{resume: 1}, 'resume: expected true or false, but got 1.'],
])('refuses %j', (args, message) => {
  expect(() => new NeuronPruner({...STEPS, ...args})).toThrow(message);
});
