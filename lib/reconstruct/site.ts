import type {Tensor} from '@tensorflow/tfjs-core';

import type {LinearMap} from './linear_map';

/** Which weights a model runs with: those that it has, or those that it had before it was pruned. */
export type Version = 'pruned' | 'dense';

/** The weights of a site. */
export interface SiteWeights {
  readonly kernel: Tensor;
  /** `null` where there is none. */
  readonly bias: Tensor | null;
}

/** A linear map in a model, with its weights. */
export interface WeightedMap {
  readonly name: string;
  readonly map: LinearMap;
  /** The weights of a version; not owned by the caller. */
  read(version: Version): SiteWeights;
}

/**
 * A layer of a model, or a node of a graph, whose output is linear in its
 * kernel.
 *
 * @typeParam B A batch of samples, as the model takes them.
 */
export interface Site<B> extends WeightedMap {
  /** Replaces the weights of the pruned version by copies of these. */
  write(weights: SiteWeights): void;
  /** What a version of the model gives the site for a batch: a tensor for each call, owned by the caller. */
  inputs(batch: B, version: Version): Promise<Tensor[]>;
  /** The rows of an input, where a version has more weights before the kernel. Called in a `tidy`. */
  rows(input: Tensor, version: Version): Tensor;
}
