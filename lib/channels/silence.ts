import {clone, dispose, mul, tidy} from '@tensorflow/tfjs-core';

import {readWeight} from '../model/read_weight';
import type {ChannelGroup} from './graph/channel_groups';
import {slicesKept, zeroedMembers} from './mask_channels';

/**
 * Runs `run` while a channel of `group` is zero, as if it were masked, and puts
 * the weights back after it, bit for bit. `run` must not await.
 */
export function whileSilent<T>(group: ChannelGroup, channel: number, run: () => T): T {
  const gone = new Set([channel]);
  const members = zeroedMembers(group);
  const weights = [...new Set(members.map(({variable}) => variable))].map(readWeight);
  const former = weights.map((weight) => clone(weight));
  try {
    for (const member of members) {
      tidy(() => {
        const weight = readWeight(member.variable);
        weight.assign(mul(weight, slicesKept(member, gone)));
      });
    }
    return run();
  } finally {
    weights.forEach((weight, i) => weight.assign(former[i]));
    dispose(former);
  }
}
