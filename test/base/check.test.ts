import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';

import {check, checkChoice, checkInteger, checkOptions, checkSparsity} from '../../lib/base/check';
import {checkModel} from '../../lib/model/check_model';
import {mlp} from '../setup/models';

describe('checkSparsity', () => {
  it.each([0, -0, 0.5, 1 - Number.EPSILON / 2])('accepts %p', (value) => {
    expect(() => checkSparsity('s', value)).not.toThrow();
  });

  it.each([-0.1, 1, 2, NaN, Infinity, '0.5', null, undefined, true, [0.5]])(
    'refuses %p',
    (value) => {
      expect(() => checkSparsity('s', value)).toThrow(
        /^s: expected a number in \[0, 1\), but got /,
      );
    },
  );

  it('accepts just the numbers from 0 to below 1', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const accepted = value >= 0 && value < 1;
        const checked = () => checkSparsity('s', value);
        if (accepted) {
          checked();
        } else {
          expect(checked).toThrow();
        }
      }),
    );
  });
});

describe('checkInteger', () => {
  it('accepts the least and more', () => {
    [3, 4, 1e9].forEach((value) => expect(() => checkInteger('n', value, 3)).not.toThrow());
  });

  it.each([2, 3.5, NaN, Infinity, '3', null, undefined, 3n])(
    'refuses %p below or beside 3',
    (value) => {
      expect(() => checkInteger('n', value, 3)).toThrow(
        /^n: expected an integer of at least 3, but got /,
      );
    },
  );
});

describe('checkChoice', () => {
  it('accepts a choice', () => {
    expect(() => checkChoice('unit', 'step', ['step', 'epoch'])).not.toThrow();
  });

  it('refuses anything else, and shows the choices', () => {
    expect(() => checkChoice('unit', 'steps', ['step', 'epoch'])).toThrow(
      "unit: expected 'step' or 'epoch', but got 'steps'.",
    );
  });
});

describe('checkOptions', () => {
  it('accepts some of the known options', () => {
    expect(() => checkOptions('Owner', {a: 1}, ['a', 'b'])).not.toThrow();
  });

  it('refuses an unknown option, and shows the known ones', () => {
    expect(() => checkOptions('Owner', {a: 1, c: 2}, ['a', 'b'])).toThrow(
      "Owner: expected options among a, b, but got 'c'.",
    );
  });

  it.each([undefined, null, 0.5, 'a'])('refuses %p', (value) => {
    expect(() => checkOptions('Owner', value, ['a'])).toThrow(
      /^Owner: expected an object of options/,
    );
  });
});

describe('checkModel', () => {
  it('accepts a Sequential and a functional model', () => {
    const input = tfl.input({shape: [2]});
    const output = tfl.layers.dense({units: 1}).apply(input) as tfl.SymbolicTensor;
    expect(() => checkModel(mlp())).not.toThrow();
    expect(() => checkModel(tfl.model({inputs: input, outputs: output}))).not.toThrow();
  });

  it('refuses a layer', () => {
    expect(() => checkModel(tfl.layers.dense({units: 1}))).toThrow(
      'model: expected a tf.LayersModel or tf.Sequential, but got an instance of Dense.',
    );
  });
});

it('check throws unless its condition holds', () => {
  expect(() => check(true, 'a', 'b', 'c')).not.toThrow();
  expect(() => check(false, 'a', 'b', 'c')).toThrow("a: expected b, but got 'c'.");
});
