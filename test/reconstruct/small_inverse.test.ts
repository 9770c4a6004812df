import {smallInverse} from '../../lib/reconstruct/small_inverse';
import {random} from '../setup/models';
import {product} from './direct';

test('smallInverse, by hand', () => {
  expect([...smallInverse([4], 1)]).toEqual([0.25]);
  expect([...smallInverse([2, 1, 1, 2], 2)]).toEqual([2 / 3, -1 / 3, -1 / 3, 2 / 3]);
});

test.each([3, 17, 40])('smallInverse times its matrix of %i rows is one', (size) => {
  const next = random(size);
  const half = Float64Array.from({length: size * size}, () => next() - 0.5);
  const turned = half.map((_, i) => half[(i % size) * size + Math.floor(i / size)]);
  const matrix = product(half, turned, size, size, size);
  matrix.forEach((_, i) => (matrix[i] += i % (size + 1) === 0 ? 0.1 : 0));
  const one = product(matrix, smallInverse(matrix, size), size, size, size);
  one.forEach((value, i) => expect(value).toBeCloseTo(i % (size + 1) === 0 ? 1 : 0, 8));
});
