import {neededMantissa} from '../../../lib/files/quantize/needed_mantissa';
import type {StoredWeight} from '../../../lib/files/quantize/stored_weight';
import {quantized} from '../../../lib/files/quantize/stored_weights';
import type {Sensitivity} from '../../../lib/model/sensitive_weights';

function weightOf(name: string, values: readonly number[]): StoredWeight {
  const {buffer} = Float32Array.from(values);
  return {spec: {name, shape: [values.length], dtype: 'float32'}, bytes: new Uint8Array(buffer)};
}

/** `count` numbers with this mean, half of them so much below and half above. */
const around = (mean: number, deviation: number, count = 20) =>
  Array.from({length: count}, (_, i) => mean + (i % 2 ? deviation : -deviation));

const needed = (values: readonly number[], sensitivity: Sensitivity, next?: StoredWeight) =>
  neededMantissa(weightOf('a/moving_mean', values), sensitivity, next);

test.each<[string, number[], Sensitivity, number]>([
  ['scales', around(1, 0.01), 'scale', 5],
  ['filters', around(1, 0.01), 'filter', 5],
  ['shifts around 0', around(0, 0.3), 'offset', 5],
  ['shifts of some that are 0', [...around(0, 0), 1], 'offset', 6],
  // 4.1 deviations: 1/16 of one is 2^-7 of that and more.
  ['shifts that are large beside how they differ', around(3.1, 1), 'offset', 6],
  ['such as temperatures in kelvin', around(290, 5), 'offset', 9],
  ['shifts that are all alike', around(290, 0), 'offset', 10],
  ['whatever else', around(0, 0.3), 'other', 10],
  ['few numbers', around(0, 0.3, 15), 'offset', 10],
  ['numbers below 2^-8', around(0, 0.0039), 'scale', 10],
  ['what is not finite', [...around(0, 1), NaN], 'offset', 10],
  ['what is infinite', [...around(0, 1), Infinity], 'offset', 10],
])('%s', async (_, values, sensitivity, expected) => {
  expect(await needed(values, sensitivity)).toBe(expected);
});

test.each([
  [1, 5],
  // 31 deviations.
  [0.1, 8],
  // 1e-3 is added: 95 deviations.
  [0, 10],
])('means of features of a deviation of %d', async (deviation, expected) => {
  // Years and a temperature, never centered, which differ by more than any of them does.
  const means = [...around(0, 2), 3];
  const next = (name: string) => weightOf(name, Array(means.length).fill(deviation ** 2));
  expect(await needed(means, 'offset', next('a/moving_variance'))).toBe(expected);
  // The variances of another layer, or none.
  expect(await needed(means, 'offset', next('b/moving_variance'))).toBe(5);
  expect(await needed(means, 'offset')).toBe(5);
});

test('variances that are rounded already count as what they stand for', async () => {
  const means = around(0, 2);
  const variances = weightOf('a/moving_variance', Array(20).fill(0.01));
  const rounded = quantized(variances.spec, variances.bytes, 'float16');
  expect(rounded.spec.quantization).toBeDefined();
  expect(await needed(means, 'offset', rounded)).toBe(8);
});
