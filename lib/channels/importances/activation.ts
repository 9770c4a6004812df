import {
  abs,
  add,
  div,
  dispose,
  keep,
  max,
  maximum,
  sum,
  type Tensor,
  tensor1d,
  tidy,
} from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';

import {Pace} from '../../base/yielding';
import {outputsOf} from '../../data/calibration_loss';
import {watchInputs} from '../../model/watch_inputs';
import {maxByChannel, otherAxes, positionsOf, reducePlaces, sumByChannel} from '../by_channel';
import type {Measure, ScoredGroup} from './measure';

type Layer = layers.Layer;

/** How the values of a channel make one number. */
interface Statistic {
  /** Over a call's elements at each position of the channel axis. */
  of: (values: Tensor, others: number[]) => Tensor;
  /** Over calls. */
  merge: (one: Tensor, other: Tensor) => Tensor;
  /** Over the positions of a channel, after `elements` elements at each position. */
  byChannel: (
    values: Tensor,
    channels: readonly number[],
    size: number,
    elements: number,
  ) => Tensor;
}

/**
 * The mean of |a| over samples and positions, as the next layer reads the
 * channel: after normalization, activation and pooling
 * (Molchanov et al. 2017, https://arxiv.org/abs/1611.06440).
 */
export const meanActivation = /* @__PURE__ */ measureOf({
  of: (values, others) => sum(values, others),
  merge: add,
  byChannel: (sums, channels, size, elements) => {
    const counts = positionsOf(channels, size).map(({length}) => Math.max(length, 1) * elements);
    return div(sumByChannel(sums, channels, size), tensor1d(counts));
  },
});

/** The largest |a| over samples and positions, as the next layer reads the channel. */
export const maxActivation = /* @__PURE__ */ measureOf({
  of: (values, others) => max(values, others),
  merge: maximum,
  byChannel: maxByChannel,
});

/** What was seen of one input of a layer. */
interface Seen {
  readonly axis: number;
  values: Tensor | null;
  /** Number of elements at each position of the channel axis. */
  elements: number;
}

function measureOf(statistic: Statistic): Measure {
  return async (groups, {model, batches, reduce}) => {
    const inputs = inputsOf(groups);
    const see = (layer: Layer, tensors: readonly Tensor[]) =>
      inputs.get(layer)?.forEach((seen, input) => record(seen, tensors[input], statistic));
    const pace = new Pace();
    try {
      for (const batch of batches) {
        watchInputs(inputs.keys(), see, () => dispose(outputsOf(model, batch)));
        await pace.rest();
      }
      return groups.map(({group: {readers, size}}) =>
        tidy(() => {
          const places = readers.map(({layer, input, channels}) => {
            const {values, elements} = inputs.get(layer)![input];
            return {channels, scores: statistic.byChannel(values!, channels, size, elements)};
          });
          return reducePlaces(places, size, reduce);
        }),
      );
    } finally {
      inputs.forEach((all) => all.forEach(({values}) => values?.dispose()));
    }
  };
}

/** The inputs at which channels of the groups are read, by layer. */
function inputsOf(groups: readonly ScoredGroup[]): Map<Layer, Seen[]> {
  const inputs = new Map<Layer, Seen[]>();
  for (const {layer, input, axis} of groups.flatMap(({group}) => group.readers)) {
    const all = inputs.get(layer) ?? [];
    all[input] = {axis, values: null, elements: 0};
    inputs.set(layer, all);
  }
  return inputs;
}

function record(seen: Seen, tensor: Tensor, {of, merge}: Statistic): void {
  const axis = tensor.rank + seen.axis;
  const former = seen.values;
  const values = tidy(() => {
    const own = of(abs(tensor), otherAxes(tensor, {axis}));
    return former ? merge(former, own) : own;
  });
  // The call that is watched is inside a tidy.
  seen.values = keep(values);
  seen.elements += tensor.size / tensor.shape[axis];
  former?.dispose();
}
