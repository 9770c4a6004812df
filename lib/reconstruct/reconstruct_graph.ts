import {cast, isFinite as isFiniteTensor, min, reshape} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {sumOf} from '../base/count_zeros';
import {readVectors} from '../base/read_vectors';
import type {Samples} from '../data/samples';
import type {GraphModelLike} from '../model/graph_model';
import type {Structure} from '../weights/structure';
import {chooseMask} from './choose_mask';
import {disposeGraphBatches, readGraphBatches} from './graph_batches';
import type {GraphBatch, GraphSite, GraphWeights} from './graph_site';
import {graphSites} from './graph_sites';
import type {LeftLayer} from './layer_sites';
import type {MaskChooser} from './mask_chooser';
import type {Moments} from './moments';
import {type ReconstructedLayer, reconstructSites, type SequenceArgs} from './sequence';
import {warnOfFew} from './warn_of_inputs';
import {warnOfResiduals} from './warn_of_residuals';

/** How the kernels of a graph are reconstructed. */
export interface ReconstructGraphArgs extends Omit<SequenceArgs<GraphSite>, 'choose'> {
  /** Names of the kernels that are pruned. */
  names: readonly string[];
  /** The constants as they were before. */
  dense: GraphWeights;
  calibration: Samples;
  /** Chooses other masks than those that there are. */
  chooser?: MaskChooser;
  structure?: Structure;
}

/** Reconstructs the kernels of a pruned graph. A failure leaves it half-way: its caller restores it. */
export async function reconstructGraph(
  model: GraphModelLike,
  {names, dense, calibration, chooser, structure, ...sequence}: ReconstructGraphArgs,
): Promise<{layers: ReconstructedLayer[]; left: LeftLayer[]}> {
  const batches = await readGraphBatches(model, calibration);
  try {
    await checkFinite(batches);
    warnOfFew(sumOf(batches.map(([x]) => x.shape[0])));
    const {sites, left} = graphSites(model, names, dense);
    const pruned = new Set(names);
    const choose = async (site: GraphSite, moments: Moments) => {
      if (pruned.has(site.name)) {
        await chooseMask(site, moments, chooser!, structure, (chosen) => chosen.dispose());
      }
    };
    const layers = await reconstructSites(sites, batches, {
      ...sequence,
      ...(chooser ? {choose} : {}),
    });
    warnOfResiduals(layers);
    return {layers, left};
  } finally {
    disposeGraphBatches(batches);
  }
}

/** One small read. */
async function checkFinite(batches: readonly GraphBatch[]): Promise<void> {
  const flags = await readVectors<'int32'>(() =>
    batches.flatMap((batch) =>
      batch.map((x) => reshape(min(cast(isFiniteTensor(cast(x, 'float32')), 'int32')), [1])),
    ),
  );
  const isFinite = flags.every(([flag]) => flag === 1);
  check(isFinite, 'calibration.x', 'finite numbers', 'NaN or infinity among them');
}
