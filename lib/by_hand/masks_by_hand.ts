import {cast, clone, equal, logicalOr, min, Tensor, tensor, tidy} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkOptions, checkSparsity} from '../base/check';
import {PruningError} from '../base/errors';
import {toFloat32} from '../base/float32';
import {checkModel} from '../model/check_model';
import type {LayerWeight} from '../model/layer_walk';
import {prunableWeights} from '../model/prunable';
import {maskedVariables, maskOf, setMask as setVariableMask} from '../projection/mask';
import {orUndone} from '../projection/model_state';
import {reproject} from '../projection/registry';
import {
  checkPruneByData,
  maskChooser,
  PRUNE_BY_DATA_OPTIONS,
  pruneByData,
  type PruneByDataArgs,
} from '../reconstruct/prune_by_data';
import type {ReconstructReport} from '../reconstruct/reconstruct';
import {constantSparsity} from '../schedule/constant';
import {scoresOverSteps} from '../weights/criteria';
import {MaskUpdaterAtEase} from '../weights/mask_updater_at_ease';
import {resolveSelection, SELECTION_OPTIONS, type SelectionArgs} from '../weights/selection';
import {checkPatternSparsity} from '../weights/structure';

/** Arguments of `pruneNow`. */
export interface PruneNowArgs extends SelectionArgs, PruneByDataArgs {
  /** The share of the weights to prune, in [0, 1). */
  sparsity: number;
}

/**
 * Prunes `model` once, without training, like the functions of torch.nn.utils.prune.
 * Existing zeros count and stay zero. A weight that is entirely zero counts as not
 * pruned, and gets its share of zeros. The masks hold, whatever training or your code
 * writes to the weights, until `stripPruning` or `releaseMasks`. If it fails, the model
 * is as before.
 *
 * With `calibration`, a few hundred inputs without labels, it then adjusts the kept
 * weights to make up for the pruned ones, as `reconstruct` does. This recovers most of
 * the accuracy in seconds.
 *
 * @returns What the reconstruction did; empty without `calibration`.
 * @throws PruningError for an argument out of its range, an unknown option or layer, a
 *   criterion that needs gradients, a NaN in the weights, and samples that the model does
 *   not take; the model is then as before.
 * @example
 * await pruneNow(model, {sparsity: 0.8, scope: 'global'});
 * (await sparsityReport(model)).sparsity; //=> 0.8
 * @example
 * await pruneNow(model, {sparsity: 0.9, scope: 'global', calibration: {x}, mask: 'admm'});
 */
export async function pruneNow(model: LayersModel, args: PruneNowArgs): Promise<ReconstructReport> {
  checkModel(model);
  check(!('amount' in Object(args)), 'amount', 'sparsity, the share to prune', 'amount');
  checkOptions('pruneNow', args, ['sparsity', ...SELECTION_OPTIONS, ...PRUNE_BY_DATA_OPTIONS]);
  checkSparsity('sparsity', args.sparsity);
  checkPruneByData(args);
  const selection = resolveSelection(args);
  const {criterion, structure} = selection;
  checkPatternSparsity(structure, args.sparsity);
  check(
    scoresOverSteps(criterion) === undefined,
    'criterion',
    'one that needs no gradients, or a callback',
    criterion,
  );
  const updater = new MaskUpdaterAtEase({...selection, resume: true});
  const step = model.optimizer?.iterations ?? 0;
  const schedule = (sparsity = args.sparsity) => constantSparsity({sparsity});
  const prune = async () => {
    await updater.begin(model, schedule, step);
    await updater.updateAtEase(0, step);
    await updater.settle();
    updater.end();
  };
  const data = {...args, chooser: maskChooser(args)};
  return orUndone(model, () => pruneByData(model, data, prune));
}

/**
 * Gives a weight your own mask, instead of any earlier one. It holds until `stripPruning`
 * or `releaseMasks`.
 *
 * @param layer The name of a layer, or of a weight such as `'lstm_1/recurrent_kernel'`.
 * @param mask 1 for kept and 0 for pruned, of the weight's shape.
 * @throws PruningError for an unknown layer, a layer of several weights, a mask
 *   of another shape or with other values.
 * @example
 * await setMask(model, 'dense_1', [[1, 0], [0, 1]]);
 */
export async function setMask(
  model: LayersModel,
  layer: string,
  mask: Tensor | number[][],
): Promise<void> {
  const {name, variable} = findWeight(model, layer);
  const isGiven = Array.isArray(mask) || mask instanceof Tensor;
  check(isGiven, 'mask', 'a tensor, or numbers in nested arrays', mask);
  check(Array.isArray(mask) || !mask.isDisposed, 'mask', 'a tensor in use', 'a disposed one');
  const given = tidy(() => toFloat32(Array.isArray(mask) ? tensor(mask) : mask));
  const own = given === mask ? clone(given) : given;
  try {
    check(
      own.shape.join() === variable.shape.join(),
      'mask',
      `shape [${variable.shape}] for '${name}'`,
      `[${own.shape}]`,
    );
    const isBinary = tidy(() => min(cast(logicalOr(equal(own, 0), equal(own, 1)), 'int32')));
    const [binary] = await isBinary.data();
    isBinary.dispose();
    check(binary === 1, 'mask', `0 and 1 for '${name}'`, 'other values');
  } catch (error) {
    own.dispose();
    throw error;
  }
  setVariableMask(variable, own);
}

/**
 * Returns the mask of a weight: float32 of its shape, 1 for kept and 0 for pruned, or
 * `null` if it has none. It is a copy; dispose it when you are done.
 *
 * @param layer The name of a layer, or of a weight such as `'lstm_1/recurrent_kernel'`.
 * @throws PruningError for an unknown layer, or one of several weights.
 * @example
 * getMask(model, 'dense_1')?.print();
 */
export function getMask(model: LayersModel, layer: string): Tensor | null {
  const mask = maskOf(findWeight(model, layer).variable);
  return mask ? clone(mask) : null;
}

/**
 * Applies the masks of `model` again. Masks hold by themselves, whatever is written to a
 * weight, so you need this only if training has left a NaN or an infinity in a pruned
 * place.
 *
 * @throws PruningError for a value that is not a LayersModel.
 * @example
 * applyMasks(model);
 */
export function applyMasks(model: LayersModel): void {
  checkModel(model);
  maskedVariables(model).forEach(reproject);
}

function findWeight(model: LayersModel, layer: string): LayerWeight {
  checkModel(model);
  check(typeof layer === 'string', 'layer', 'the name of a layer or of a weight', layer);
  const found = prunableWeights(model, [layer]);
  if (found.length !== 1) {
    const names = found.map(({name}) => `'${name}'`).join(' or ');
    throw new PruningError('layer', `the name of one weight: ${names}`, layer);
  }
  return found[0];
}
