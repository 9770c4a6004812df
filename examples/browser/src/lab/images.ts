import * as tf from '@tensorflow/tfjs-core';

import type {OwnOptions} from './api';

/** Height, width and colors. */
type Shape = readonly [number, number, number];

/** What a byte is multiplied by for a model, and what is added. */
const SCALES: Record<OwnOptions['range'], [number, number]> = {
  '0..1': [1 / 255, 0],
  '-1..1': [1 / 127.5, -1],
  '0..255': [1, 0],
};

/** The images of `files` in the size that a model takes, a byte a color, and what is none. */
export async function readImages(
  files: readonly File[],
  [height, width, colors]: Shape,
): Promise<{images: Uint8ClampedArray[]; refused: string[]}> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', {willReadFrequently: true})!;
  // A photo is much larger than what a model sees of it.
  context.imageSmoothingQuality = 'high';
  const images: Uint8ClampedArray[] = [];
  const refused: string[] = [];
  for (const file of files) {
    const bitmap = await createImageBitmap(file).catch(() => null);
    if (bitmap === null) {
      refused.push(file.name);
      continue;
    }
    // Otherwise the image before would be seen through a transparent one.
    context.clearRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0, width, height);
    bitmap.close();
    const {data} = context.getImageData(0, 0, width, height);
    const pixels = new Uint8ClampedArray(height * width * colors);
    for (let from = 0, to = 0; from < data.length; from += 4) {
      const [red, green, blue] = [data[from], data[from + 1], data[from + 2]];
      if (colors === 1) {
        pixels[to++] = gray(red, green, blue);
      } else {
        pixels[to++] = red;
        pixels[to++] = green;
        pixels[to++] = blue;
      }
    }
    images.push(pixels);
  }
  return {images, refused};
}

/** `images` as a tensor [n, height, width, colors] of what the model was trained on. */
export function imageTensor(
  images: readonly Uint8ClampedArray[],
  shape: Shape,
  range: OwnOptions['range'],
): tf.Tensor4D {
  const [scale, offset] = SCALES[range];
  const size = images[0].length;
  const values = new Float32Array(images.length * size);
  images.forEach((pixels, i) => {
    pixels.forEach((value, at) => {
      values[i * size + at] = value * scale + offset;
    });
  });
  return tf.tensor4d(values, [images.length, ...shape]);
}

/** At most `most` of `list`, evenly spread: a folder may list one class after the other. */
export function evenly<T>(list: readonly T[], most: number): T[] {
  const count = Math.min(list.length, most);
  return Array.from({length: count}, (_, i) => list[Math.floor((i * list.length) / count)]);
}

/** How bright a color is to the eye. */
function gray(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}
