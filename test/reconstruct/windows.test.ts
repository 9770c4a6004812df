import * as tf from '@tensorflow/tfjs-core';

import {type WindowArgs, windowsOf} from '../../lib/reconstruct/windows';

const one = (padding: WindowArgs['padding'], more: Partial<WindowArgs> = {}): WindowArgs => ({
  size: [2],
  strides: [1],
  dilations: [1],
  padding,
  ...more,
});

describe('windowsOf', () => {
  const cases: Array<[string, WindowArgs, number[][]]> = [
    ['valid', one('valid'), [[1, 2], [2, 3], [3, 4], [4, 5]]],
    ['same, one zero after', one('same'), [[1, 2], [2, 3], [3, 4], [4, 5], [5, 0]]],
    ['every second', one('valid', {strides: [2]}), [[1, 2], [3, 4]]],
    ['every second, same', one('same', {strides: [2]}), [[1, 2], [3, 4], [5, 0]]],
    ['spread', one('valid', {dilations: [3]}), [[1, 4], [2, 5]]],
    ['given zeros', one([[1, 0]]), [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5]]],
  ]; // prettier-ignore

  it.each(cases)('%s', (_, args, expected) => {
    const x = tf.tensor3d([1, 2, 3, 4, 5], [1, 5, 1]);
    expect(windowsOf(x, args).arraySync()).toEqual([expected]);
  });

  it('has channels innermost, then the last axis', () => {
    const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2]);
    const args = {size: [2, 2], strides: [1, 1], dilations: [1, 1], padding: 'valid'} as const;
    expect(windowsOf(image, args).arraySync()).toEqual([[[[1, 2, 3, 4, 5, 6, 7, 8]]]]);
  });
});
