import {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';

/** Throws unless `value` is a LayersModel, such as `tf.sequential` and `tf.model` make. */
export function checkModel(value: unknown, argument = 'model'): asserts value is LayersModel {
  check(value instanceof LayersModel, argument, 'a tf.LayersModel or tf.Sequential', value);
}
