import {tensor, tidy} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {readWeight} from '../model/read_weight';
import {maskOf, setMask} from '../projection/mask';
import {writeUnprojected} from '../projection/registry';

/**
 * All weights of `model` and their masks, for a model of the same layers in another
 * process: for each weight a byte that says whether a mask follows, the values in 4 bytes
 * each, and a byte for each value of the mask. Both ends are little-endian.
 */
export async function trainedWeights(model: LayersModel): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const variable of new Set(model.weights)) {
    const mask = maskOf(variable);
    const values = await readWeight(variable).data();
    parts.push(Uint8Array.of(mask ? 1 : 0));
    parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    if (mask) {
      parts.push(Uint8Array.from(await mask.data()));
    }
  }
  const bytes = new Uint8Array(parts.reduce((sum, {length}) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Gives `model` the weights and masks in `bytes`.
 *
 * @throws PruningError where they are of another model; nothing is written then.
 */
export function writeTrainedWeights(model: LayersModel, bytes: Uint8Array): void {
  let at = 0;
  const take = (count: number) => bytes.slice(at, (at += count));
  const read = [...new Set(model.weights)].map((variable) => {
    const {dtype, shape, size} = readWeight(variable);
    const [isMasked] = take(1);
    const own = take(4 * size);
    return {variable, dtype, shape, own, mask: isMasked ? take(size) : null};
  });
  check(at === bytes.length, 'weights', `${at} bytes for '${model.name}'`, bytes.length);
  for (const {variable, dtype, shape, own, mask} of read) {
    tidy(() => {
      const values = dtype === 'int32' ? new Int32Array(own.buffer) : new Float32Array(own.buffer);
      if (mask) {
        setMask(variable, tensor(Float32Array.from(mask), shape));
      }
      writeUnprojected(variable, tensor(values, shape, dtype));
    });
  }
}
