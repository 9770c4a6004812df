import {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {SECOND_COPY} from './second_copy';

/** Throws unless `value` is a LayersModel, such as `tf.sequential` and `tf.model` make. */
export function checkModel(value: unknown, argument = 'model'): asserts value is LayersModel {
  const {predict, getWeights} = Object(value) as Partial<LayersModel>;
  const isLike = typeof predict === 'function' && typeof getWeights === 'function';
  const received = isLike ? SECOND_COPY : value;
  check(value instanceof LayersModel, argument, 'a tf.LayersModel or tf.Sequential', received);
}
