import {lampCounts} from '../../lib/weights/lamp';

const kernels = (...values: number[][]) => values.map((each) => Float32Array.from(each));

describe('lampCounts', () => {
  // Squares 1, 4, 4 and 1, 100: scores 1/9, 1/2, 1 and 1/101, 1.
  const two = kernels([2, -1, 2], [10, 1]);
  const cases: Array<[number, number[]]> = [
    [0, [0, 0]],
    [1, [0, 1]],
    [2, [1, 1]],
    [3, [2, 1]],
    [9, [2, 1]],
  ];

  it.each(cases)('%i zeros', (zeros, counts) => {
    expect(lampCounts(two, zeros, [3, 2])).toEqual(counts);
  });

  it('does not depend on the size of a kernel', () => {
    const scaled = [two[0].map((value) => 1000 * value), two[1]];
    cases.forEach(([zeros, counts]) => expect(lampCounts(scaled, zeros, [3, 2])).toEqual(counts));
  });

  it('keeps what must stay, and divides equals by their order', () => {
    expect(lampCounts(two, 3, [1, 2])).toEqual([1, 1]);
    expect(lampCounts(kernels([1, 1], [1, 1]), 1, [2, 2])).toEqual([1, 0]);
    expect(lampCounts(kernels([0, 0, 3], [0, 1]), 2, [3, 2])).toEqual([2, 0]);
  });
});
