import fc from 'fast-check';

import type {SensitivityResult} from '../../lib';
import {allocate, bearable, halvings, sparsityAt} from '../../lib/auto/allocation';

const SPARSITIES = [0.5, 0.75, 0.9];

/** A result of layers with these sizes, and these accuracies at `SPARSITIES`. */
function scan(...layers: Array<[size: number, ...metrics: number[]]>): SensitivityResult {
  return {
    granularity: 'weight',
    metric: 'accuracy',
    baseline: 0.9,
    layers: layers.map(([size, ...metrics], i) => ({
      name: `layer_${i}`,
      size,
      points: metrics.map((metric, j) => ({sparsity: SPARSITIES[j], metric})),
    })),
  };
}

const overall = (result: SensitivityResult, list: number[]) => {
  const size = result.layers.reduce((all, layer) => all + layer.size, 0);
  return list.reduce((all, each, i) => all + each * result.layers[i].size, 0) / size;
};

describe('halvings', () => {
  it.each([
    [0, 0],
    [0.5, 1],
    [0.75, 2],
    [0.875, 3],
  ])('of %s are %s', (sparsity, halved) => {
    expect(halvings(sparsity)).toBeCloseTo(halved, 12);
    expect(sparsityAt(halved)).toBeCloseTo(sparsity, 12);
  });
});

describe('allocate', () => {
  it('gives equal layers the same', () => {
    const result = scan([10, 0.9, 0.8, 0.5], [30, 0.9, 0.8, 0.5]);
    allocate(result, 0.6, false).forEach((sparsity) => expect(sparsity).toBeCloseTo(0.6, 9));
  });

  it('lets layers cost the same, by straight lines between the points', () => {
    // At a drop of 0.1 the first layer is at 0.5 and the second at 0.75.
    const result = scan([10, 0.8, 0.7, 0.6], [10, 0.85, 0.8, 0.6]);
    const [a, b] = allocate(result, 0.625, false);
    expect(a).toBeCloseTo(0.5, 6);
    expect(b).toBeCloseTo(0.75, 6);
    expect(bearable(result, 0.1, false)).toBeCloseTo(0.625, 9);
  });

  it('takes a loss, which rises', () => {
    const result = scan([10, 1.0, 1.1, 1.2], [10, 0.95, 1.0, 1.2]);
    const [a, b] = allocate(result, 0.625, true);
    expect(a).toBeCloseTo(0.5, 6);
    expect(b).toBeCloseTo(0.75, 6);
  });

  it('meets the sparsity, stays in [0, 1), and gives more to what bears more', () => {
    const metric = fc.double({min: 0, max: 1, noNaN: true});
    const layer = fc.tuple(fc.integer({min: 1, max: 10000}), metric, metric, metric);
    fc.assert(
      fc.property(
        fc.array(layer, {minLength: 1, maxLength: 5}),
        fc.double({min: 0, max: 0.99, noNaN: true}),
        (layers, sparsity) => {
          const result = scan(...layers);
          const list = allocate(result, sparsity, false);
          list.forEach((each) => expect(each >= 0 && each < 1).toBe(true));
          expect(Math.abs(overall(result, list) - sparsity)).toBeLessThan(1e-6);
        },
      ),
    );
    const [tough, tender] = allocate(scan([10, 0.9, 0.9, 0.9], [10, 0.5, 0.2, 0.1]), 0.6, false);
    expect(tough).toBeGreaterThan(tender);
  });
});
