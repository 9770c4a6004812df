import {clone, dispose, mul, tidy} from '@tensorflow/tfjs-core';

import {readWeight} from '../model/read_weight';
import {writeUnprojected} from '../projection/registry';
import type {ChannelGroup} from './groups/channel_groups';
import {slicesKept, zeroedMembers} from './mask_channels';

/**
 * Runs `run` while a channel of `group` is zero, as if it were masked, and puts
 * the weights back after it, bit for bit. `run` must not await.
 */
export function whileSilent<T>(group: ChannelGroup, channel: number, run: () => T): T {
  const gone = new Set([channel]);
  const members = zeroedMembers(group);
  const variables = [...new Set(members.map(({variable}) => variable))];
  const former = variables.map((variable) => clone(readWeight(variable)));
  try {
    for (const member of members) {
      const {variable} = member;
      tidy(() => writeUnprojected(variable, mul(readWeight(variable), slicesKept(member, gone))));
    }
    return run();
  } finally {
    variables.forEach((variable, i) => writeUnprojected(variable, former[i]));
    dispose(former);
  }
}
