import {layers} from '@tensorflow/tfjs-layers';

import {PruningError} from '../../lib/base/errors';
import {checkLayerFilter, checkLayerSelection} from '../../lib/model/layer_selection';

describe('checkLayerSelection', () => {
  it.each<[string, unknown]>([
    ['a predicate', () => true],
    ['names', ['a', 'b']],
    ['expressions and layers', [/a/, layers.flatten(), 'b']],
    ['a map', {a: 0, b: 0.5, c: false}],
  ])('accepts %s', (_name, selection) => {
    expect(() => checkLayerSelection(selection)).not.toThrow();
  });

  it.each<[unknown, string]>([
    [
      'dense',
      "layers: expected a predicate, a map from name to sparsity or false, or a list of names, regular expressions or layers, but got 'dense'.",
    ],
    [null, 'but got null.'],
    [3, 'but got 3.'],
    [['a', 1], 'but got 1.'],
    [{a: 1}, "layers['a']: expected a number in [0, 1), but got 1."],
    [{a: true}, "layers['a']: expected a number in [0, 1), but got true."],
    [{a: NaN}, "layers['a']: expected a number in [0, 1), but got NaN."],
    [{a: -0.1}, "layers['a']: expected a number in [0, 1), but got -0.1."],
  ])('refuses %p', (selection, message) => {
    expect(() => checkLayerSelection(selection)).toThrow(message);
  });
});

describe('checkLayerFilter', () => {
  it.each<[string, unknown]>([
    ['a predicate', () => true],
    ['names', ['a', 'b']],
  ])('accepts %s', (_name, selection) => {
    expect(() => checkLayerFilter(selection)).not.toThrow();
  });

  it.each<[unknown]>([['dense'], [null], [['a', 1]], [{a: 0.5}], [{a: false}]])(
    'refuses %p',
    (selection) => {
      expect(() => checkLayerFilter(selection)).toThrow(PruningError);
      expect(() => checkLayerFilter(selection)).toThrow('a predicate or a list of names,');
    },
  );
});
