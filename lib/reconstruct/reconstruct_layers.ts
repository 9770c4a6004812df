import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {sumOf} from '../base/count_zeros';
import {disposeBatches, readBatches} from '../data/batches';
import {checkSamples, type Samples} from '../data/samples';
import type {LayerFilter} from '../model/layer_selection';
import {trainedModel} from '../model/trained_model';
import {checkFinite} from './check_finite';
import type {DenseWeights, LayerSite} from './layer_site';
import {layerSites, type LeftLayer} from './layer_sites';
import {type ReconstructedLayer, reconstructSites, type SequenceArgs} from './sequence';
import {warnOfBytes, warnOfFew} from './warn_of_inputs';
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
    warnOfFew(sumOf(batches.map(({size}) => size)));
    await warnOfBytes(model, batches);
    const {sites, left} = await layerSites(model, dense, batches[0], layers);
    if (sites.length + left.length === 0) {
      console.warn(
        'reconstruct: no weights differ from those of the teacher. Take the snapshot before you prune.',
      );
    }
    const done = await reconstructSites(sites, batches, sequence);
    warnOfResiduals(done);
    return {layers: done, left};
  } finally {
    disposeBatches(batches);
  }
}
