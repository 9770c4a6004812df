import {PruningError} from '../../lib/base/errors';
import {within} from '../../lib/base/within';

describe('within', () => {
  const fail = () => {
    throw new PruningError('sparsity', 'a number', 'x');
  };

  it('names the whole in errors of a task, whether it waits or not', async () => {
    const expected = "steps[0].sparsity: expected a number, but got 'x'.";
    expect(() => within('steps[0]', fail)).toThrow(expected);
    await expect(within('steps[0]', async () => fail())).rejects.toThrow(expected);
  });

  it('leaves other errors and results as they are', async () => {
    const error = new Error('other');
    const task = () => {
      throw error;
    };
    expect(() => within('a', task)).toThrow(error);
    await expect(within('a', async () => task())).rejects.toBe(error);
    expect(within('a', () => 3)).toBe(3);
    await expect(within('a', async () => 3)).resolves.toBe(3);
  });
});
