import * as tfl from '@tensorflow/tfjs-layers';

import {checkModel} from '../../lib/model/check_model';

it('takes models', () => {
  const model = tfl.sequential({layers: [tfl.layers.dense({units: 1, inputShape: [1]})]});
  expect(() => checkModel(model)).not.toThrow();
});

it('names a second copy of tfjs', () => {
  const strange = {predict: () => {}, getWeights: () => {}};
  expect(() => checkModel(strange)).toThrow(
    "model: expected a tf.LayersModel or tf.Sequential, but got 'one of a second copy of tfjs " +
      "(npm ls @tensorflow/tfjs-layers shows where it is)'.",
  );
});

it.each([[undefined], [{}], ['model.json'], [Promise.resolve()]])('refuses %p', (value) => {
  expect(() => checkModel(value)).toThrow('model: expected a tf.LayersModel or tf.Sequential');
});
