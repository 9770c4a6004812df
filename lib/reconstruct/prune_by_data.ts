import type {Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkChoice} from '../base/check';
import {checkStoppable, type Stoppable} from '../base/stoppable';
import {checkSamples, type Samples} from '../data/samples';
import {maskOf, setMask} from '../projection/mask';
import {ModelState} from '../projection/model_state';
import type {SelectionArgs} from '../weights/selection';
import type {Structure} from '../weights/structure';
import {chooseMask, MASK_CHOOSERS} from './choose_mask';
import type {LayerSite} from './layer_site';
import type {MaskChooser} from './mask_chooser';
import type {Moments} from './moments';
import type {ReconstructReport} from './reconstruct';
import {reconstructLayers} from './reconstruct_layers';
import type {ReconstructProgress} from './sequence';

/** Arguments of functions that prune at once and may look at data. */
export interface PruneByDataArgs extends Stoppable<ReconstructProgress> {
  /**
   * A few hundred inputs like those that the model will see, without labels, to adjust
   * the kept weights as `reconstruct` does.
   */
  calibration?: Samples;
  /**
   * How to choose the weights to prune, with `calibration`. Each way prunes the same
   * number of weights in every layer:
   *
   * - `'criterion'`: by the criterion alone, on the original weights;
   * - `'gradual'`: the smallest weights in four cuts, adjusting the rest after each.
   *   Hardly slower, and better at high sparsities;
   * - `'admm'`: all weights of a layer together (Boža 2024,
   *   https://arxiv.org/abs/2401.02938). About three times as slow.
   *
   * Layers that cannot be adjusted use the criterion. Default: `'gradual'` for the
   * criterion `'magnitude'` of single weights or blocks, otherwise `'criterion'`.
   */
  mask?: MaskChoice;
}

/** How to choose the weights to prune, with `calibration`. */
export type MaskChoice = 'criterion' | 'gradual' | 'admm';

/** The names of `PruneByDataArgs`, for checking options. */
export const PRUNE_BY_DATA_OPTIONS = ['calibration', 'mask', 'signal', 'onProgress'] as const;

/** Throws where one of them is not what it should be. */
export function checkPruneByData(args: PruneByDataArgs): void {
  const {calibration, mask = 'criterion'} = args;
  checkChoice('mask', mask, ['criterion', 'gradual', 'admm']);
  checkStoppable(args);
  if (calibration !== undefined) {
    checkSamples('calibration', calibration, 'inputs');
  }
  for (const option of ['mask', 'signal', 'onProgress'] as const) {
    const isUsed = args[option] === undefined || calibration !== undefined;
    check(isUsed, option, `none without 'calibration'`, args[option]);
  }
}

/** What chooses the weights that go; `undefined` for the criterion. */
export function maskChooser({
  mask,
  criterion = 'magnitude',
  structure,
}: Pick<PruneByDataArgs, 'mask'> & Pick<SelectionArgs, 'criterion' | 'structure'>):
  MaskChooser | undefined {
  const isGradual = criterion === 'magnitude' && !(structure && 'n' in structure);
  const chosen = mask ?? (isGradual ? 'gradual' : 'criterion');
  return chosen === 'criterion' ? undefined : MASK_CHOOSERS[chosen];
}

/** What a reconstruction after pruning goes by. */
interface ByData extends Omit<PruneByDataArgs, 'mask'> {
  /** Chooses another mask for weights that have one. */
  chooser?: MaskChooser;
  structure?: Structure;
}

/**
 * Prunes `model` by `prune`, and solves for what is left if there are data to
 * do it by. A failure leaves it half-way: its caller restores it.
 */
export async function pruneByData(
  model: LayersModel,
  {calibration, chooser, structure, signal, onProgress}: ByData,
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
        const hold = (chosen: Tensor) => setMask(site.kernel, chosen);
        await chooseMask(site, moments, chooser!, structure, hold);
      }
    };
    const dense = state.values();
    return await reconstructLayers(model, {
      ...{dense, calibration, signal, onProgress},
      ...(chooser ? {choose} : {}),
    });
  } finally {
    state.dispose();
  }
}
