import {limitOf, sparsityFor} from '../../lib/auto/goal';

describe('limitOf', () => {
  it.each([
    // Two standard errors of 100 wrong of 10,000 are 0.002.
    [0.01, 0.99, 10000, 0.005],
    [0.003, 0.99, 10000, 0.001],
    [0.002, 0.99, 10000, 0],
    [0.001, 0.9, 100, 0],
    [0, 0.99, 10000, 0],
    [0.1, 1, 100, 0.05],
    [0.1, null, 0, 0.05],
  ])('%s of %s on %s samples is %s', (maxDrop, baseline, samples, limit) => {
    expect(limitOf(maxDrop, baseline, samples)).toBeCloseTo(limit, 12);
  });
});

describe('sparsityFor', () => {
  const parametersAt = async (sparsity: number) => Math.round(1000 * (1 - sparsity)) + 20;

  it.each([1020, 700, 100, 30])('finds the least sparsity that leaves %s', async (most) => {
    const sparsity = await sparsityFor(most, parametersAt);
    expect(await parametersAt(sparsity)).toBeLessThanOrEqual(most);
    const less = Math.max(0, sparsity - 2 ** -11);
    expect(most === 1020 || (await parametersAt(less)) > most).toBe(true);
  });

  it('says what is the least', async () => {
    await expect(sparsityFor(10, parametersAt)).rejects.toThrow(
      'size: expected at least 88 bytes, but got 40',
    );
  });
});
