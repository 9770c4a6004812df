import {
  add,
  addN,
  dispose,
  div,
  keep,
  mul,
  square,
  sum,
  type Tensor,
  tidy,
  zeros,
} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {batchGradients} from '../../data/calibration_loss';
import {statisticsOf} from '../../model/layer_weights';
import {readWeight} from '../../model/read_weight';
import {otherAxes, reducePlaces, type Reduce, sumByChannel} from '../by_channel';
import type {ChannelGroup, ChannelMember} from '../groups/channel_groups';
import type {Measure} from './measure';

/**
 * (Σ g·w)² over a channel's weights in a layer, averaged over batches: to first
 * order the square of what the loss changes by without the channel
 * (Molchanov et al. 2019, https://arxiv.org/abs/1906.10771). Where the channels
 * are normalized, the weights are gamma and beta, since a kernel before a
 * normalization can be scaled at will, so that its own sum is zero; else they
 * are kernel and bias.
 */
export const taylor: Measure = async (groups, {model, batches, reduce}) => {
  const sums = new TaylorSums(groups.map(({group}) => group));
  try {
    const {variables} = sums;
    for (const batch of batches) {
      tidy(() => {
        const gradients = batchGradients(model, batch, variables.map(readWeight));
        sums.observe((variable) => gradients[variables.indexOf(variable)]);
      });
    }
    return sums.scores(reduce);
  } finally {
    sums.dispose();
  }
};

/** A layer's part in a group: the weights whose first-order effect is that of the channel. */
interface Place {
  readonly group: ChannelGroup;
  readonly members: readonly ChannelMember[];
  sum: Tensor;
}

/** Adds up (Σ g·w)² over batches, on the device. */
export class TaylorSums {
  private readonly places: Place[];
  private batches = 0;

  constructor(private readonly groups: readonly ChannelGroup[]) {
    this.places = groups.flatMap((group) =>
      effectiveMembers(group).map((members) => ({group, members, sum: zeros([group.size])})),
    );
  }

  /** Whether no batch was seen yet. */
  get isEmpty(): boolean {
    return this.batches === 0;
  }

  /** The weights whose gradients are looked at. */
  get variables(): LayerVariable[] {
    return this.places.flatMap(({members}) => members.map(({variable}) => variable));
  }

  /** Takes up the gradients of a batch; a weight without one adds nothing. */
  observe(gradientOf: (variable: LayerVariable) => Tensor | undefined): void {
    this.batches += 1;
    for (const place of this.places) {
      const former = place.sum;
      place.sum = keep(tidy(() => add(former, square(addN(effects(place, gradientOf))))));
      former.dispose();
    }
  }

  /** The score of each channel, for each group. */
  scores(reduce: Reduce): Tensor[] {
    return this.groups.map((group) =>
      tidy(() => {
        const places = this.places.filter((place) => place.group === group);
        const scores = places.map(({members, sum: total}) => ({
          channels: members.flatMap(({channels}) => channels),
          scores: div(total, this.batches),
        }));
        return reducePlaces(scores, group.size, reduce);
      }),
    );
  }

  dispose(): void {
    dispose(this.places.map((place) => place.sum));
  }
}

/** Σ g·w of each channel, for each weight of a layer. */
function effects(
  {group: {size}, members}: Place,
  gradientOf: (variable: LayerVariable) => Tensor | undefined,
): Tensor[] {
  const sums = members.flatMap((member) => {
    const gradient = gradientOf(member.variable);
    if (gradient === undefined) {
      return [];
    }
    const products = mul(gradient, readWeight(member.variable));
    return [sumByChannel(sum(products, otherAxes(products, member)), member.channels, size)];
  });
  return sums.length > 0 ? sums : [zeros([size])];
}

/** For each layer that makes the channels or, if all are normalized, normalizes them, its weights. */
export function effectiveMembers({members, size}: ChannelGroup): ChannelMember[][] {
  const scales = members.filter(({role}) => role === 'scale');
  const scaled = new Set(scales.flatMap(({channels}) => channels.filter((each) => each >= 0)));
  const chosen = scaled.size === size ? scales : members.filter(({role}) => role === 'producer');
  const layers = [...new Set(chosen.map(({layer}) => layer))];
  return layers.map((layer) =>
    members.filter(
      (member) =>
        member.layer === layer &&
        (chosen.includes(member) || (member.role === 'offset' && !isStatistic(member))),
    ),
  );
}

/** Whether it is measured and not trained, as a moving mean is. */
function isStatistic({layer, variable}: ChannelMember): boolean {
  return statisticsOf(layer).includes(variable);
}
