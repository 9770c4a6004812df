import type {LayersModel} from '@tensorflow/tfjs-layers';

import {Hash} from '../base/hash';
import {readWeight} from '../model/read_weight';
import {maskOf} from '../projection/mask';

/**
 * A number that tells a model from others: of its layers, of all its weights, to
 * the bit, and of what is masked or frozen. Each weight is read once.
 *
 * @returns 16 hexadecimal digits.
 */
export async function fingerprint(model: LayersModel): Promise<string> {
  const hash = new Hash();
  hash.text(JSON.stringify(model.toJSON(undefined, false)));
  for (const variable of new Set(model.weights)) {
    const weight = readWeight(variable);
    const mask = maskOf(variable);
    hash.text(`${weight.dtype}[${weight.shape}] ${weight.trainable} ${mask !== undefined}`);
    hash.floats(await weight.data());
    if (mask) {
      hash.floats(await mask.data());
    }
  }
  return hash.digest();
}
