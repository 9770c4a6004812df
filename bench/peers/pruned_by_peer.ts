import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import type {DenseModel} from '../dense_model';
import type {Peer} from './peer';

/**
 * Has a peer prune the same dense model, which it gets as a file of float32, one
 * weight after the other, and must find as accurate as it is here.
 *
 * @returns What the peer says of what it pruned it to.
 */
export async function prunedByPeer<T>(
  peer: Peer,
  dense: DenseModel,
  request: {op: string} & Record<string, unknown>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
  try {
    const weights = join(folder, 'weights.bin');
    const values = await Promise.all(dense.weights.map((weight) => weight.data()));
    writeFileSync(weights, Buffer.concat(values.map((each) => Buffer.from(each.slice().buffer))));
    const answer = await peer.ask<{dense: number; pruned: T}>({...request, weights});
    if (Math.abs(answer.dense - dense.accuracy) > 0.05) {
      throw new Error(
        `The peer gives the dense model ${answer.dense} % in place of ${dense.accuracy}.`,
      );
    }
    return answer.pruned;
  } finally {
    rmSync(folder, {recursive: true});
  }
}
