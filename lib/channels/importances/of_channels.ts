import {abs, mul, split, tidy} from '@tensorflow/tfjs-core';

import type {ChannelGroup} from '../groups/channel_groups';
import type {Score, Signal} from '../importance';
import {slicesKept} from '../mask_channels';
import {whileSilent} from '../silence';
import {maxActivation, meanActivation} from './activation';
import {random} from './chance';
import type {Measure} from './measure';
import type {Removable, RemovalMeasure} from './removal';
import {taylor} from './taylor';

const SIGNALS: Readonly<Record<Signal, Measure>> = {
  taylor,
  mean: meanActivation,
  max: maxActivation,
};

/** How an importance scores channels. */
export function measureOfChannels(score: Score): Measure {
  switch (score.by) {
    case 'slices':
      return score.measure;
    case 'chance':
      return random;
    case 'removal':
      return byRemoval(score.measure);
    case 'signal':
      return SIGNALS[score.signal];
  }
}

/**
 * Channels go many at a time: all those of which the loss is better without are
 * together too large a step, so that what counts is how little changes, as in
 * Molchanov et al. 2017 (https://arxiv.org/abs/1611.06440).
 */
function byRemoval(measure: RemovalMeasure): Measure {
  return async (groups, context) => {
    if (groups.length === 0) {
      return [];
    }
    const candidates = groups.flatMap(({group, pruned}) =>
      group.reasons.map((_, channel) => (pruned.has(channel) ? undefined : of(group, channel))),
    );
    const changes = await measure(candidates, context);
    try {
      return tidy(() =>
        split(
          abs(changes),
          groups.map(({group}) => group.size),
        ),
      );
    } finally {
      changes.dispose();
    }
  };
}

/** A channel, silenced as by a mask, which is what pruning does to it. */
function of(group: ChannelGroup, channel: number): Removable {
  const gone = new Set([channel]);
  return {
    without: (run) => whileSilent(group, channel, run),
    rest: (variable) => {
      const members = group.members.filter((member) => member.variable === variable);
      return (gradient) =>
        members.reduce((left, member) => mul(left, slicesKept(member, gone)), gradient);
    },
  };
}
