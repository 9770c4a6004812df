import * as tf from '@tensorflow/tfjs-core';

import {apart, flat, flatMasks} from '../../lib/weights/together';
import {values} from '../setup/models';

const all = () => [tf.tensor2d([[1, 2, 3]]), tf.tensor1d([4, 5]), tf.scalar(6)];

it('numbers of several tensors are one after the other, and apart again', () => {
  const tensors = all();
  const numbers = flat(tensors);
  expect(numbers.shape).toEqual([6]);
  expect([...values(numbers)]).toEqual([1, 2, 3, 4, 5, 6]);
  const parts = apart(numbers, tensors);
  expect(parts.map(({shape}) => shape)).toEqual([[1, 3], [2], []]);
  expect(parts.map((part) => [...values(part)])).toEqual([[1, 2, 3], [4, 5], [6]]);
  tf.dispose([tensors, numbers, parts]);
});

it('masks are ones where there is none, and null where there are none at all', () => {
  const tensors = all();
  const mask = tf.tensor1d([0, 1]);
  const masks = flatMasks([null, mask, null], tensors)!;
  expect([...values(masks)]).toEqual([1, 1, 1, 0, 1, 1]);
  expect(flatMasks([null, null, null], tensors)).toBeNull();
  tf.dispose([tensors, mask, masks]);
});
