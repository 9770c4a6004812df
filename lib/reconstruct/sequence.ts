import {concat, dispose, type Tensor} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {type Stoppable, tell} from '../base/stoppable';
import {Pace} from '../base/yielding';
import {collectMoments} from './collect';
import type {Moments} from './moments';
import type {Site, SiteWeights} from './site';
import {errorsOf, solveSite} from './solve_site';

/** How much the outputs of an adjusted layer differ from those of the dense model. */
export interface ReconstructedLayer {
  /** Path of the layer, or the name of the node. */
  name: string;
  /**
   * The mean squared distance of its outputs before the activation from those
   * of the dense model, as a share of their variance. It is 0 for the same outputs,
   * and 1 for a layer that always gives the mean.
   */
  before: number;
  /** The same after its weights were adjusted. */
  after: number;
}

/** The progress of a reconstruction. */
export interface ReconstructProgress {
  /** The layer that was just adjusted. */
  layer: ReconstructedLayer;
  /** Number of layers that are done. */
  done: number;
  /** Number of all layers. */
  total: number;
}

/** What a sequence may be given. */
export interface SequenceArgs<S> extends Stoppable<ReconstructProgress> {
  /** Chooses which weights of a site stay, before they are solved for. */
  choose?: (site: S, moments: Moments) => Promise<void>;
}

/** Errors below this share are those of float32. */
const NEGLIGIBLE = 1e-6;

/**
 * Solves for the weights of `sites`, one after the other, each with the inputs
 * that the sites before it give once they are solved for.
 *
 * @throws PruningError where the samples make a site give no finite numbers.
 */
export async function reconstructSites<B, S extends Site<B>>(
  sites: readonly S[],
  batches: readonly B[],
  args: SequenceArgs<S> = {},
): Promise<ReconstructedLayer[]> {
  const layers: ReconstructedLayer[] = [];
  const pace = new Pace();
  for (const site of sites) {
    args.signal?.throwIfAborted();
    const layer = await reconstructSite(site, batches, args, pace);
    layers.push(layer);
    await tell(args, {layer, done: layers.length, total: sites.length});
  }
  return layers;
}

async function reconstructSite<B, S extends Site<B>>(
  site: S,
  batches: readonly B[],
  {choose}: SequenceArgs<S>,
  pace: Pace,
): Promise<ReconstructedLayer> {
  const {name} = site;
  const moments = await collectMoments(site, batches, pace);
  const owned: Tensor[] = [];
  try {
    owned.push(errorsOf(site, moments, site.read('pruned')));
    await choose?.(site, moments);
    const solved = solveSite(site, moments);
    owned.push(...tensorsIn(solved), errorsOf(site, moments, solved));
    const [before, energy, after] = await readAll([owned[0], owned[owned.length - 1]]);
    check(
      [before, energy, after].every(Number.isFinite),
      'calibration',
      `samples for which '${name}' gives finite numbers`,
      [before, energy, after].find((value) => !Number.isFinite(value)),
    );
    // Outputs that never vary have no variance to take a share of.
    const scale = energy || before;
    const share = (error: number) => (error > NEGLIGIBLE * scale ? error / scale : 0);
    const isBetter = share(before) > 0 && after < before;
    if (isBetter || choose) {
      site.write(solved);
    }
    return {name, before: share(before), after: share(isBetter || choose ? after : before)};
  } finally {
    moments.dispose();
    dispose(owned);
  }
}

async function readAll(vectors: Tensor[]): Promise<Float32Array> {
  const all = concat(vectors);
  try {
    return await all.data<'float32'>();
  } finally {
    all.dispose();
  }
}

function tensorsIn({kernel, bias}: SiteWeights): Tensor[] {
  return bias ? [kernel, bias] : [kernel];
}
