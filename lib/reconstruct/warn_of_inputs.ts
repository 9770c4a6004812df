import {abs, cast, max, min, reshape, round, sub, type Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {readVectors} from '../base/read_vectors';
import type {Batch} from '../data/batches';
import {isNormalization} from '../model/normalization';
import {trainedModel} from '../model/trained_model';

/** With fewer samples a dense layer is worse than without a reconstruction, on MNIST. */
const FEW = 16;

/** Warns where there are too few samples to solve for anything. */
export function warnOfFew(samples: number): void {
  if (samples < FEW) {
    console.warn(
      `Reconstruction looks at ${samples} sample${samples === 1 ? '' : 's'} only, and may make the ` +
        'model worse. A few hundred will do.',
    );
  }
}

/** Layers that take images as bytes. */
const SCALING: readonly string[] = ['Rescaling', 'Normalization'];

/**
 * Warns of images whose numbers are likely not those that the model takes: bytes, where none of
 * its layers scales them. One small read.
 */
export async function warnOfBytes(model: LayersModel, [{xs}]: readonly Batch[]): Promise<void> {
  const layers = trainedModel(model).layers.filter(
    (layer) => layer.getClassName() !== 'InputLayer',
  );
  const isScaled =
    layers.some((layer) => SCALING.includes(layer.getClassName())) || isNormalization(layers[0]);
  const images = xs.filter(({rank}) => rank === 4);
  if (isScaled || images.length === 0) {
    return;
  }
  const ranges = await readVectors<'float32'>(() => images.flatMap(rangeOf));
  for (let i = 0; i < ranges.length; i += 3) {
    const [[least], [most], [fraction]] = ranges.slice(i, i + 3);
    if (least >= 0 && most > 1 && most <= 255 && fraction === 0) {
      console.warn(
        `Reconstruction: the images are whole numbers up to ${most}. If the model was trained on ` +
          'numbers in [0, 1] or [-1, 1], scale them in the same way.',
      );
      return;
    }
  }
}

/** The least and the largest number, and the farthest from a whole one. */
function rangeOf(image: Tensor): Tensor[] {
  const values = cast(image, 'float32');
  const fraction = max(abs(sub(values, round(values))));
  return [min(values), max(values), fraction].map((each) => reshape(each, [1]));
}
