import {initializers, layers} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';

/**
 * Runs `build`, in which layers are made, such that all their weights start as zeros, also
 * in nested models, and no more of them are made than `most` numbers: initializers may take
 * minutes, and a layer in a damaged file may be of any size.
 *
 * @param path Of the model; named in errors.
 * @throws PruningError where there would be more.
 */
export async function withEmptyWeights<T>(
  path: string,
  most: number,
  build: () => Promise<T>,
): Promise<T> {
  const {prototype} = layers.Layer;
  const addWeight = Reflect.get(prototype, 'addWeight') as AddWeight;
  let made = 0;
  const limited: AddWeight = function (name, shape, dtype, _, ...rest) {
    made += shape.reduce<number>((size, length) => size * (length as number), 1);
    check(made <= most, path, `layers of ${most} weights, as many as its files have`, made);
    return addWeight.call(this, name, shape, dtype, initializers.zeros(), ...rest);
  };
  Reflect.set(prototype, 'addWeight', limited);
  try {
    return await build();
  } finally {
    Reflect.set(prototype, 'addWeight', addWeight);
  }
}

type AddWeight = (
  this: layers.Layer,
  name: string,
  shape: ReadonlyArray<number | null>,
  dtype: unknown,
  initializer: unknown,
  ...rest: unknown[]
) => unknown;
