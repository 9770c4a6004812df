import * as tf from '@tensorflow/tfjs-core';

import type {OwnOptions} from './api';

/** `files` as images [n, height, width, colors] of the size that a model takes. */
export async function imageTensor(
  files: readonly File[],
  [height, width, colors]: readonly [number, number, number],
  range: OwnOptions['range'],
): Promise<tf.Tensor4D> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', {willReadFrequently: true})!;
  const pixels = new Float32Array(files.length * height * width * colors);
  const scaled = {'0..1': (v: number) => v / 255, '-1..1': (v: number) => v / 127.5 - 1}[
    range as string
  ];
  let at = 0;
  for (const file of files) {
    const bitmap = await createImageBitmap(file).catch((cause) => {
      throw new Error(`${file.name} is no image that this browser can read.`, {cause});
    });
    context.drawImage(bitmap, 0, 0, width, height);
    bitmap.close();
    const {data} = context.getImageData(0, 0, width, height);
    for (let i = 0; i < data.length; i += 4) {
      const own =
        colors === 3
          ? [data[i], data[i + 1], data[i + 2]]
          : [gray(data[i], data[i + 1], data[i + 2])];
      for (const value of own) {
        pixels[at++] = scaled ? scaled(value) : value;
      }
    }
  }
  return tf.tensor4d(pixels, [files.length, height, width, colors]);
}

/** How bright a color is to the eye. */
function gray(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}
