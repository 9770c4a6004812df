import {addN, dispose, div, stack, sum, tidy} from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';

import {
  type ChannelGroup,
  channelGroups,
  type ChannelMember,
} from '../../channels/groups/channel_groups';
import type {Score} from '../../channels/importance';
import {partsOf} from '../../model/layer_walk';
import {weightName} from '../../model/weight_name';
import type {LayerUnit} from '../layer_units';
import type {LayerMeasure} from './measure';

type Layer = layers.Layer;
type Slices = Extract<Score, {by: 'slices'}>;

/** The mean of what an importance that looks at weights says of the unit's channels. */
export function ofKernels(slices: Slices): LayerMeasure {
  const {measure, isPairwise = false} = slices;
  const countIn = ({channels}: ChannelMember) => {
    const count = new Set(channels.filter((channel) => channel >= 0)).size;
    // Of distances, as many for each channel as there are others.
    return isPairwise ? Math.max(count * (count - 1), 1) : count;
  };
  return async (units, {model, seed}) => {
    const groups = channelGroups(model);
    const parts = units.map((unit) => partsIn(groups, unit, slices));
    const scored = parts.flat().map((group) => ({group, pruned: new Set<number>()}));
    const scores = await measure(scored, {model, reduce: 'sum', seed, batches: []});
    let at = 0;
    try {
      return tidy(() =>
        stack(
          parts.map((own) => {
            const total = addN(own.map(() => sum(scores[at++])));
            const counts = own.flatMap(({members}) => members).map(countIn);
            return div(
              total,
              counts.reduce((all, count) => all + count, 0),
            );
          }),
        ),
      );
    } finally {
      dispose(scores);
    }
  };
}

/** The groups of channels, with what the layers of `unit` alone make or scale of them. */
export function partsIn(
  groups: readonly ChannelGroup[],
  {layers}: LayerUnit,
  {role}: Slices,
): ChannelGroup[] {
  const own = new Set(layers.flatMap((layer) => [layer, ...partsOf(layer)]));
  const ofRole = (wanted: ChannelMember['role']) =>
    groups
      .map((group) => ({
        ...group,
        members: group.members.filter(({layer, role}) => own.has(layer) && role === wanted),
      }))
      .filter(({members}) => members.length > 0);
  if (role === 'scale') {
    return ofRole('scale');
  }
  const makers = ofRole('producer');
  if (makers.length > 0) {
    return makers;
  }
  const filters = ofRole('depthwise').map((group) => ({...group, members: asMakers(group)}));
  return filters.length > 0 ? filters : matricesOf(layers);
}

/** A depthwise kernel makes the channels of a layer as much as it filters those of another. */
function asMakers({members}: ChannelGroup): ChannelMember[] {
  return members.map((member) => ({...member, role: 'producer' as const}));
}

/** The matrices of layers without a channel rule, each with outputs along its last axis. */
function matricesOf(layers: readonly Layer[]): ChannelGroup[] {
  return layers.flatMap((layer) =>
    layer.weights
      .filter(({shape, dtype}) => shape.length >= 2 && dtype === 'float32')
      .map((variable) => {
        const axis = variable.shape.length - 1;
        const size = variable.shape[axis] as number;
        const channels = Array.from({length: size}, (_, i) => i);
        const name = `${layer.name}/${weightName(layer, variable)}`;
        const member = {name, layer, variable, axis, role: 'producer' as const, channels};
        return {
          name: layer.name,
          layers: [layer.name],
          size,
          members: [member],
          readers: [],
          reasons: channels.map(() => undefined),
          frozen: undefined,
        };
      }),
  );
}
