import {cast, isFinite as isFiniteTensor, min, reshape} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {readVectors} from '../base/read_vectors';
import {type Batch, disposeBatches, readBatches} from '../data/batches';
import {checkSamples, type Samples} from '../data/samples';
import type {LayerFilter} from '../model/layer_selection';
import {trainedModel} from '../model/trained_model';
import type {DenseWeights, LayerSite} from './layer_site';
import {layerSites, type LeftLayer} from './layer_sites';
import {type ReconstructedLayer, reconstructSites, type SequenceArgs} from './sequence';
import {warnOfResiduals} from './warn_of_residuals';

/** How the layers of a model are reconstructed. */
export interface ReconstructLayersArgs extends SequenceArgs<LayerSite> {
  dense: DenseWeights;
  calibration: Samples;
  layers?: LayerFilter;
}

/** Reconstructs the layers of a pruned `model`. A failure leaves it half-way: its caller restores it. */
export async function reconstructLayers(
  model: LayersModel,
  {dense, calibration, layers, ...sequence}: ReconstructLayersArgs,
): Promise<{layers: ReconstructedLayer[]; left: LeftLayer[]}> {
  checkSamples('calibration', calibration, 'inputs');
  const isStateful = trainedModel(model).stateful;
  check(!isStateful, 'model', 'one without state between batches', model.name);
  const batches = await readBatches(model, calibration, false);
  try {
    await checkFinite(batches);
    const {sites, left} = await layerSites(model, dense, batches[0], layers);
    const done = await reconstructSites(sites, batches, sequence);
    warnOfResiduals(done);
    return {layers: done, left};
  } finally {
    disposeBatches(batches);
  }
}

/** One small read. */
async function checkFinite(batches: readonly Batch[]): Promise<void> {
  const flags = await readVectors<'int32'>(() =>
    batches.flatMap(({xs}) =>
      xs.map((x) => reshape(min(cast(isFiniteTensor(cast(x, 'float32')), 'int32')), [1])),
    ),
  );
  const isFinite = flags.every(([flag]) => flag === 1);
  check(isFinite, 'calibration.x', 'finite numbers', 'NaN or infinity among them');
}
