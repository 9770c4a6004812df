import * as tf from '@tensorflow/tfjs-core';

const PIXELS = 28 * 28;
const CLASSES = 10;

/** Images of one byte a pixel, and their digits. */
export interface Digits {
  pixels: Uint8Array;
  labels: Uint8Array;
}

/** The digits that scripts/pack_digits.ts has written: to train and to test. */
export async function loadDigits(url: string): Promise<{train: Digits; test: Digits}> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`The digits could not be loaded: ${response.status} ${response.statusText}.`);
  }
  const unpacked = response.body!.pipeThrough(new DecompressionStream('gzip'));
  const bytes = await new Response(unpacked).arrayBuffer();
  const [train, test] = new Uint32Array(bytes, 0, 2);
  const labels = new Uint8Array(bytes, 8, train + test);
  const pixels = new Uint8Array(bytes, 8 + train + test);
  return {
    train: {
      labels: labels.subarray(0, train),
      pixels: pixels.subarray(0, train * PIXELS),
    },
    test: {labels: labels.subarray(train), pixels: pixels.subarray(train * PIXELS)},
  };
}

/** The first `count` images [n, 28, 28, 1] in [0, 1], and their digits, one-hot. */
export function digitTensors(
  {pixels, labels}: Digits,
  count: number,
): {xs: tf.Tensor; ys: tf.Tensor} {
  const values = Float32Array.from(pixels.subarray(0, count * PIXELS), (value) => value / 255);
  return {
    xs: tf.tensor4d(values, [values.length / PIXELS, 28, 28, 1]),
    ys: tf.tidy(() => tf.oneHot(tf.tensor1d(labels.slice(0, count), 'int32'), CLASSES)),
  };
}

/** One of `digits`, by chance. */
export function anyDigit({pixels, labels}: Digits): {pixels: Float32Array; label: number} {
  const i = Math.floor(Math.random() * labels.length);
  const own = pixels.subarray(i * PIXELS, (i + 1) * PIXELS);
  return {pixels: Float32Array.from(own, (value) => value / 255), label: labels[i]};
}

/** The first `count` of `digits` as image files. */
export function digitFiles({pixels}: Digits, count: number): Promise<File[]> {
  const canvas = new OffscreenCanvas(28, 28);
  const context = canvas.getContext('2d')!;
  const fileOf = async (i: number) => {
    const image = new ImageData(28, 28);
    pixels.subarray(i * PIXELS, (i + 1) * PIXELS).forEach((value, at) => {
      image.data.set([value, value, value, 255], at * 4);
    });
    context.putImageData(image, 0, 0);
    return new File([await canvas.convertToBlob()], `digit_${i}.png`, {type: 'image/png'});
  };
  // The canvas is read before the next digit is put on it.
  return Promise.all(Array.from({length: count}, (_, i) => fileOf(i)));
}
