import {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import type {GraphModelLike} from './graph_model';
import {SECOND_COPY} from './second_copy';

const EXPECTED = 'a tf.LayersModel or tf.Sequential';

/** Throws unless `value` is a LayersModel, such as `tf.sequential` and `tf.model` make. */
export function checkModel(value: unknown, argument = 'model'): asserts value is LayersModel {
  const {predict, getWeights, executeAsync} = Object(value) as Partial<
    LayersModel & GraphModelLike
  >;
  const isLike = typeof predict === 'function' && typeof getWeights === 'function';
  const received = isLike ? SECOND_COPY : value;
  const isGraph = typeof executeAsync === 'function';
  const expected = isGraph ? 'a tf.LayersModel: pruneGraph takes a GraphModel' : EXPECTED;
  check(value instanceof LayersModel, argument, expected, received);
}
