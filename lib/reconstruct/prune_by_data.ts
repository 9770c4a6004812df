import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkChoice} from '../base/check';
import {checkStoppable, type Stoppable} from '../base/stoppable';
import {checkSamples, type Samples} from '../data/samples';
import {maskOf, setMask} from '../projection/mask';
import {ModelState} from '../projection/model_state';
import type {Structure} from '../weights/pattern';
import {chooseByAdmm} from './admm_masks';
import type {LayerSite} from './layer_site';
import type {Moments} from './moments';
import type {ReconstructReport} from './reconstruct';
import {reconstructLayers} from './reconstruct_layers';
import type {ReconstructProgress} from './sequence';

/** Arguments of functions that prune at once and may look at data. */
export interface PruneByDataArgs extends Stoppable<ReconstructProgress> {
  /**
   * Inputs such as the model will see, a few hundred samples, without labels:
   * the weights that are left are then solved for, as `reconstruct` does.
   */
  calibration?: Samples;
  /**
   * Who chooses the weights that go, with `calibration`: the `'criterion'`; or
   * `'admm'`, which gives each layer as many zeros as the criterion does,
   * elsewhere: better at high sparsities, and some five times as slow. Layers that
   * are not solved for keep the criterion's. Default: `'criterion'`.
   */
  mask?: 'criterion' | 'admm';
}

/** The names of `PruneByDataArgs`, for checking options. */
export const PRUNE_BY_DATA_OPTIONS = ['calibration', 'mask', 'signal', 'onProgress'] as const;

/** Throws where one of them is not what it should be. */
export function checkPruneByData(args: PruneByDataArgs): void {
  const {calibration, mask = 'criterion'} = args;
  checkChoice('mask', mask, ['criterion', 'admm']);
  checkStoppable(args);
  if (calibration !== undefined) {
    checkSamples('calibration', calibration, 'inputs');
  }
  for (const option of ['mask', 'signal', 'onProgress'] as const) {
    const isUsed = args[option] === undefined || calibration !== undefined;
    check(isUsed, option, `none without 'calibration'`, args[option]);
  }
}

/**
 * Prunes `model` by `prune`, and solves for what is left if there are data to
 * do it by. A failure leaves it half-way: its caller restores it.
 */
export async function pruneByData(
  model: LayersModel,
  {calibration, mask, structure, signal, onProgress}: PruneByDataArgs & {structure?: Structure},
  prune: () => Promise<void>,
): Promise<ReconstructReport> {
  if (calibration === undefined) {
    await prune();
    return {layers: [], left: []};
  }
  const state = new ModelState(model);
  try {
    await prune();
    const choose = async (site: LayerSite, moments: Moments) => {
      if (maskOf(site.kernel)) {
        await chooseByAdmm(site, moments, structure, (chosen) => setMask(site.kernel, chosen));
      }
    };
    const dense = state.values();
    return await reconstructLayers(model, {
      ...{dense, calibration, signal, onProgress},
      ...(mask === 'admm' ? {choose} : {}),
    });
  } finally {
    state.dispose();
  }
}
