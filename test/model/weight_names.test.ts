import {
  input,
  layers,
  model as makeModel,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {getMask, pruneNow, setMask, sparsityReport} from '../../lib/index';
import {findWeights} from '../../lib/model/layer_walk';
import {prunableWeights} from '../../lib/model/prunable';
import {Block, Twins, WithIntegers} from '../setup/own_layers';

const EYE = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

describe('the names of weights', () => {
  it.each([
    [
      'two layers in one',
      () => new Block({name: 'own', inputShape: [3]}),
      ['own/kernel', 'own/kernel_1'],
    ],
    [
      'two weights of longer names',
      () => new Twins({name: 'own', inputShape: [3]}),
      ['own/first/kernel', 'own/second/kernel'],
    ],
  ] as const)('tell apart those of %s', async (_what, make, names) => {
    const model = sequential({layers: [make()]});
    expect(prunableWeights(model, ['own']).map(({name}) => name)).toEqual(names);
    await setMask(model, names[1], EYE);
    expect(getMask(model, names[0])).toBeNull();
    expect(getMask(model, names[1])?.arraySync()).toEqual(EYE);
    const {weights} = await sparsityReport(model);
    expect(weights.map(({name, zeros}) => [name, zeros])).toEqual([
      [names[0], 0],
      [names[1], 6],
    ]);
  });

  it('do not meet where a layer has a path as its name', () => {
    const inner = sequential({
      name: 'a',
      layers: [layers.dense({units: 2, name: 'b', inputShape: [2]})],
    });
    const x = input({shape: [2]});
    const y = layers.dense({units: 2, name: 'a/b'}).apply(inner.apply(x)) as SymbolicTensor;
    const names = findWeights(makeModel({inputs: x, outputs: y}), ({weights}) => weights).map(
      ({name}) => name,
    );
    expect(new Set(names).size).toBe(4);
  });

  it('select single weights, each with a sparsity of its own', async () => {
    const model = sequential({
      layers: [
        layers.lstm({units: 2, name: 'r', recurrentInitializer: 'zeros', inputShape: [3, 2]}),
      ],
    });
    const asked = {'r/recurrent_kernel': 0.5, r: 0.25};
    expect(prunableWeights(model, asked).map(({name, sparsity}) => [name, sparsity])).toEqual([
      ['r/kernel', 0.25],
      ['r/recurrent_kernel', 0.5],
    ]);
    expect(prunableWeights(model, ['r/kernel']).map(({name}) => name)).toEqual(['r/kernel']);
  });
});

describe('weights that are not float32', () => {
  it('are not among those that can be pruned', async () => {
    const model = sequential({
      layers: [new WithIntegers({units: 2, name: 'own', inputShape: [4]})],
    });
    expect(prunableWeights(model, ['own']).map(({name}) => name)).toEqual(['own/kernel']);
    await pruneNow(model, {sparsity: 0.5, layers: ['own']});
    expect((await sparsityReport(model)).zeros).toBe(4);
  });
});
