import {type Callback, sequential} from '@tensorflow/tfjs-layers';

import {
  ClusterWeights,
  composeCallbacks,
  ConstantSparsity,
  DynamicSparsity,
  L1Regularizer,
  QuantizeAware,
  sparsityReport,
  stripPruning,
  ThresholdPruning,
} from '../../lib';
import {data, QUIET} from '../setup/models';
import {WithIntegers} from '../setup/own_layers';

const layers = ['own'];
const callbacks: Array<[string, () => Callback]> = [
  ['ConstantSparsity', () => new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, layers})],
  ['ThresholdPruning', () => new ThresholdPruning({threshold: 0.1, layers})],
  [
    'DynamicSparsity',
    () => new DynamicSparsity({method: 'rigl', sparsity: 0.5, layers, endStep: 4}),
  ],
  ['L1Regularizer', () => new L1Regularizer({l1: 0.01, layers})],
  ['QuantizeAware', () => new QuantizeAware({layers})],
  ['ClusterWeights', () => new ClusterWeights({clusters: 4, layers})],
];

it.each(callbacks)('%s leaves the integers of a layer of one’s own alone', async (_name, make) => {
  const {x, y} = data();
  const model = sequential({
    layers: [
      new WithIntegers({units: y.shape[1] as number, name: 'own', inputShape: x.shape.slice(1)}),
    ],
  });
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  const before = model.getLayer('own').getWeights()[0].arraySync();
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks: composeCallbacks(make())});
  expect(model.getLayer('own').getWeights()[0].arraySync()).not.toEqual(before);
  expect(model.getLayer('own').getWeights()[1].dtype).toBe('int32');
  expect((await sparsityReport(model)).weights.map(({name}) => name)).toEqual(['own/kernel']);
  stripPruning(model);
});
