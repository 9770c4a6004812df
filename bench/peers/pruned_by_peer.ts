import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import type * as tf from '@tensorflow/tfjs-core';

import type {Part} from '../datasets/task';
import type {DenseModel} from '../dense_model';
import type {Peer} from './peer';

/** Digits in IDX files, of which so many are to train with, or any samples. */
export type PeerData = {folder: string; count: number} | Record<'train' | 'test', Part>;

/**
 * Has a peer prune the same dense model, which it gets as a file of float32, one
 * weight after the other, and must find as accurate as it is here.
 *
 * @returns What the peer says of what it pruned it to.
 */
export async function prunedByPeer<T>(
  peer: Peer,
  dense: DenseModel,
  data: PeerData,
  request: {op: string} & Record<string, unknown>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
  const write = async (name: string, tensor: tf.Tensor) => {
    const path = join(folder, name);
    writeFileSync(path, await tensor.data());
    return {path, shape: tensor.shape, dtype: tensor.dtype};
  };
  const writePart = async (name: string, {x, y}: Part) => ({
    x: await write(`${name}_x`, x),
    y: await write(`${name}_y`, y),
  });
  try {
    const weights = join(folder, 'weights');
    const values = await Promise.all(dense.weights.map((weight) => weight.data()));
    writeFileSync(weights, Buffer.concat(values.map((each) => Buffer.from(each.slice().buffer))));
    const files =
      'folder' in data
        ? data
        : {train: await writePart('train', data.train), test: await writePart('test', data.test)};
    const answer = await peer.ask<{dense: number; pruned: T}>({...request, weights, data: files});
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
