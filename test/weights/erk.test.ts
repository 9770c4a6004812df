import fc from 'fast-check';

import {erkSparsities} from '../../lib/weights/erk';

const sizeOf = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);

/** Sparsity of all together. */
function total(shapes: readonly number[][], sparsities: readonly number[]): number {
  const pruned = shapes.reduce((all, shape, i) => all + sizeOf(shape) * sparsities[i], 0);
  return pruned / shapes.reduce((all, shape) => all + sizeOf(shape), 0);
}

describe('erkSparsities', () => {
  it('gives densities in proportion to the sum of the sides over their product', () => {
    // Shares 8/16 and 16/64, of 5/3: 0.5·16·5/3 + 0.25·64·5/3 = 40 of 80 weights.
    const [small, large] = erkSparsities(
      [
        [4, 4],
        [8, 8],
      ],
      0.5,
    );
    expect(small).toBeCloseTo(1 - 5 / 6, 12);
    expect(large).toBeCloseTo(1 - 5 / 12, 12);
  });

  it('leaves a small layer dense and takes more of the others', () => {
    // 10 % of 10100 are 1010; the small one would need 1010 · 20/220 = 91.8 of its 100.
    const [large, small] = erkSparsities(
      [
        [100, 100],
        [10, 10],
      ],
      0.9,
    );
    expect(large).toBeCloseTo(1 - (1010 / 220) * 0.02, 12);
    expect(small).toBeCloseTo(1 - (1010 / 220) * 0.2, 12);
    // 50 % are 5050: 459 of 100 is too much, so that the large one keeps 4950.
    const [other, dense] = erkSparsities(
      [
        [100, 100],
        [10, 10],
      ],
      0.5,
    );
    expect(dense).toBe(0);
    expect(other).toBeCloseTo(0.505, 12);
  });

  it('counts the sides of a window too', () => {
    // Sides of 12 over 72 and 10 over 16: 22c of 88 are kept. Of 44, 20 are too many for 16.
    const [conv, dense] = erkSparsities(
      [
        [3, 3, 4, 2],
        [2, 8],
      ],
      0.5,
    );
    expect(dense).toBe(0);
    expect(conv).toBeCloseTo(1 - 28 / 72, 12);
    const sparse = erkSparsities(
      [
        [3, 3, 4, 2],
        [2, 8],
      ],
      0.75,
    );
    expect(sparse[0]).toBeCloseTo(1 - 12 / 72, 12);
    expect(sparse[1]).toBeCloseTo(1 - 10 / 16, 12);
  });

  it('is the sparsity itself for a single layer, and 0 for 0', () => {
    expect(erkSparsities([[7, 3]], 0.7)[0]).toBeCloseTo(0.7, 12);
    expect(
      erkSparsities(
        [
          [7, 3],
          [5, 5, 2],
        ],
        0,
      ).map((sparsity) => Math.abs(sparsity) < 1e-12),
    ).toEqual([true, true]);
  });

  it('reaches the sparsity in total, each layer in [0, 1), whatever their order', () => {
    const shape = fc.array(fc.integer({min: 1, max: 40}), {minLength: 2, maxLength: 4});
    fc.assert(
      fc.property(
        fc.array(shape, {minLength: 1, maxLength: 6}),
        fc.double({min: 0, max: 0.99, noNaN: true}),
        (shapes, sparsity) => {
          const found = erkSparsities(shapes, sparsity);
          expect(total(shapes, found)).toBeCloseTo(sparsity, 9);
          found.forEach((each) => {
            expect(each).toBeGreaterThanOrEqual(-1e-12);
            expect(each).toBeLessThan(1);
          });
          const reversed = erkSparsities([...shapes].reverse(), sparsity).reverse();
          reversed.forEach((each, i) => expect(each).toBeCloseTo(found[i], 9));
        },
      ),
    );
  });

  it('takes more of a layer with a smaller share', () => {
    const side = fc.integer({min: 1, max: 30});
    fc.assert(
      fc.property(
        fc.array(fc.tuple(side, side), {minLength: 2, maxLength: 5}),
        fc.double({min: 0, max: 0.99, noNaN: true}),
        (shapes, sparsity) => {
          const found = erkSparsities(shapes, sparsity);
          const share = ([rows, columns]: [number, number]) => (rows + columns) / (rows * columns);
          shapes.forEach((one, i) =>
            shapes.forEach((other, j) => {
              if (share(one) < share(other)) {
                expect(found[i]).toBeGreaterThanOrEqual(found[j] - 1e-12);
              }
            }),
          );
        },
      ),
    );
  });
});
