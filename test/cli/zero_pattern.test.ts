import fc from 'fast-check';

import {zeroPattern} from '../../lib/cli/zero_pattern';

describe('zeroPattern', () => {
  it('finds 2:4 along the inputs, at each position of a convolution anew', () => {
    const column = [1, 0, 1, 0, 0, 0, 1, 1];
    expect(zeroPattern(column, [8, 1]).nm).toBe('2:4');
    expect(zeroPattern(column, [2, 4, 1]).nm).toBe('2:4');
    // Seen along the outputs no group of four is complete.
    expect(zeroPattern(column, [1, 8]).nm).toBeUndefined();
  });

  it('prefers the strictest', () => {
    expect(zeroPattern([0, 0, 0, 1, 1, 0, 0, 0], [8, 1]).nm).toBe('1:4');
    expect(zeroPattern([0, 1, 1, 0], [4, 1]).nm).toBe('1:2');
    expect(zeroPattern([1, 1, 1, 0], [4, 1]).nm).toBeUndefined();
  });

  it('has as few in the last group, where it is shorter', () => {
    expect(zeroPattern([0, 0, 0, 1, 1], [5, 1]).nm).toBe('1:4');
    expect(zeroPattern([0, 0, 1, 1, 1, 1, 1], [7, 1]).nm).toBeUndefined();
    expect(zeroPattern([0, 0, 1, 1, 1, 0, 1], [7, 1]).nm).toBe('2:4');
  });

  it('finds blocks, the largest first', () => {
    expect(zeroPattern([0, 0, 1, 1, 1, 1, 0, 0], [2, 4]).block).toBe('1x2');
    expect(zeroPattern([0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0], [4, 4]).block).toBe('2x2');
    expect(zeroPattern([0, 1, 1, 0], [2, 2]).block).toBeUndefined();
  });

  it('counts empty outputs and inputs', () => {
    const pattern = zeroPattern([0, 1, 0, 0, 2, 0, 0, 0, 0], [3, 3]);
    expect(pattern).toMatchObject({emptyOutputs: 2, emptyInputs: 1});
    expect(zeroPattern([1, 0, 0, 0, 5, 0, 0, 0], [2, 2, 2])).toMatchObject({
      emptyOutputs: 1,
      emptyInputs: 1,
    });
  });

  it('says nothing of weights that are all zero, or none', () => {
    expect(zeroPattern([0, 0, 0, 0], [4, 1])).toEqual({emptyOutputs: 1, emptyInputs: 4});
    expect(zeroPattern([1, 1, 1, 1], [4, 1])).toEqual({emptyOutputs: 0, emptyInputs: 0});
  });

  it('never claims an n:m that a group breaks, full or not', () => {
    const weights = fc.array(fc.constantFrom(0, 1), {minLength: 8, maxLength: 40});
    fc.assert(
      fc.property(weights, (values) => {
        const {nm} = zeroPattern(values, [values.length, 1]);
        if (nm !== undefined) {
          const [n, m] = nm.split(':').map(Number);
          for (let i = 0; i < values.length; i += m) {
            const kept = values.slice(i, i + m).filter((value) => value !== 0).length;
            expect(kept).toBeLessThanOrEqual(n);
          }
        }
      }),
    );
  });
});
