import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {ConstantSparsity, pruneNow, sparsityReport, type SelectionArgs} from '../../lib';
import {scoresOfWeight} from '../../lib/weights/criteria';
import {kernel, mlp, setWeight, zeroPositions} from '../setup/models';

describe("'lamp'", () => {
  const scores = (values: number[]) =>
    tf.tidy(() => [...scoresOfWeight('lamp')!(tf.tensor1d(values)).dataSync()]);

  it('is a magnitude over the norm of all that are not smaller', () => {
    // Over the roots of 4 + 4 + 1, 4, 4 + 4.
    const [small, one, other] = scores([-1, 2, 2]);
    expect(small).toBeCloseTo(1 / 3, 6);
    expect(one).toBeCloseTo(1, 6);
    expect(other).toBeCloseTo(Math.sqrt(1 / 2), 6);
    expect(scores([0, 0])).toEqual([0, 0]);
  });

  it('does not depend on the size of a weight, and ranks as magnitude does', () => {
    const numbers = fc.uniqueArray(fc.integer({min: 1, max: 1000}), {minLength: 1, maxLength: 30});
    fc.assert(
      fc.property(numbers, (list) => {
        const own = scores(list);
        scores(list.map((value) => -64 * value)).forEach((value, i) =>
          expect(value).toBeCloseTo(own[i], 6),
        );
        const order = (by: number[]) => [...by.keys()].sort((a, b) => by[a] - by[b]);
        expect(order(own)).toEqual(order(list));
        expect(Math.max(...own)).toBeCloseTo(1, 6);
      }),
    );
  });

  it('leaves each layer its largest weights', async () => {
    const model = mlp({inputs: 2, units: [2, 2]});
    // By magnitude all of the first would go. 1/9, 1/8 …: 1, 2 of 30 and 1, 2 of 30.
    setWeight(model.layers[0], 0, [0.1, 0.2, 0.3, 0.4]);
    setWeight(model.layers[1], 0, [40, 20, 10, 30]);
    await pruneNow(model, {sparsity: 0.5, scope: 'global', criterion: 'lamp'});
    expect(zeroPositions(kernel(model, 'dense_0'))).toEqual([0, 1]);
    expect(zeroPositions(kernel(model, 'dense_1'))).toEqual([1, 2]);
    expect((await sparsityReport(model)).sparsity).toBe(0.5);
  });

  it.each<[SelectionArgs]>([[{}], [{scope: 'layer'}], [{scope: 'erk'}]])(
    'is refused with %p, where it is magnitude',
    (args) => {
      const make = () =>
        new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, criterion: 'lamp', ...args});
      expect(make).toThrow("scope: expected 'global' with criterion 'lamp'");
    },
  );
});
