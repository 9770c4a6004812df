import * as tf from '@tensorflow/tfjs-core';

import type {StoredModel} from '../../lib/cli/model_file';
import type {WrittenModel} from '../../lib/cli/model_weights';
import {pruneGraph} from '../../lib/cli/prune_graph';
import {asWords, weightChunks} from '../../lib/files/artifacts/weight_chunks';
import {storedWeights} from '../../lib/files/quantize/stored_weights';
import {kernelsOf} from '../../lib/model/graph_kernels';
import {graphArtifacts} from './graph';

const stored = (): StoredModel => ({
  path: 'graph',
  format: 'tfjs',
  kind: 'graph',
  artifacts: graphArtifacts(),
  weights: () => {
    const {weightSpecs, weightData} = graphArtifacts();
    return storedWeights('graph', weightSpecs!, weightChunks('graph', weightData));
  },
  load: async () => graphArtifacts(),
});

/** The values of all weights, one after the other. */
async function valuesOf({weights}: WrittenModel): Promise<number[]> {
  const values: number[] = [];
  for await (const {bytes} of weights()) {
    values.push(...asWords(bytes, Float32Array));
  }
  return values;
}

describe('kernelsOf', () => {
  it('finds the weights of products, also behind an identity', () => {
    expect(kernelsOf('a graph', graphArtifacts())).toEqual([
      {name: 'dense/kernel', isTransposed: false},
      {name: 'head/kernel', isTransposed: false},
    ]);
  });
});

describe('pruneGraph', () => {
  it('prunes kernels and leaves all else as it is', async () => {
    const before = tf.memory().numTensors;
    const {model, weights} = await pruneGraph(stored(), {sparsity: 0.5});
    expect(await valuesOf(model)).toEqual(
      [0, -8, 0, 7, 0, 6, 0, -5].concat([0.5, 0.25], [9, 0, 0, 3]),
    );
    expect(weights).toEqual([
      {name: 'dense/kernel', size: 8, zeros: 4},
      {name: 'head/kernel', size: 4, zeros: 2},
    ]);
    expect(model.artifacts.modelTopology).toEqual(graphArtifacts().modelTopology);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('prunes over all kernels, and only those that are named', async () => {
    const global = await pruneGraph(stored(), {sparsity: 0.5, scope: 'global'});
    // By LAMP: 1/204, 4/203, 9/199 and 16/190 of one, 1/95 and 4/94 of the other are the least.
    expect(global.weights.map(({zeros}) => zeros)).toEqual([4, 2]);
    for (const name of ['head/kernel', /^head/]) {
      const named = await pruneGraph(stored(), {sparsity: 0.5}, [name]);
      await valuesOf(named.model);
      expect(named.weights.map(({name}) => name)).toEqual(['head/kernel']);
    }
  });

  it('refuses names that are no kernels', async () => {
    await expect(pruneGraph(stored(), {sparsity: 0.5}, ['dense/bias'])).rejects.toThrow(
      "layers: expected names of weights among dense/kernel, head/kernel, but got 'dense/bias'.",
    );
  });
});
