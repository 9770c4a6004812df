import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {pruneAtOnce} from '../callbacks/granularity';
import type {ModelState} from '../projection/model_state';
import {bearable} from './allocation';
import {prunerArgs, variantsOf, type Setting, type Variant} from './candidate';
import {countParameters, sparsityFor, type GoalArgs} from './goal';
import {searchAtSparsity, searchByDrop, type Trial, type Workbench} from './search';

/**
 * Looks for the candidate that meets the goal best.
 *
 * @param state The model before pruning.
 * @param goal `limit`: the drop that `maxDrop` allows on the validation data.
 * @param finalEpochs Epochs of the longest training.
 * @throws PruningError for a goal that nothing has met.
 */
export async function choose(
  bench: Workbench,
  model: LayersModel,
  state: ModelState,
  setting: Setting,
  goal: GoalArgs & {limit: number},
  finalEpochs: number,
): Promise<Trial> {
  const {maxDrop, limit, sparsity, size} = goal;
  const variants = variantsOf(setting.granularity);
  const epochs = {trialEpochs: Math.max(1, Math.floor(finalEpochs / 3)), finalEpochs};
  if (maxDrop !== undefined) {
    const borne = bearable(setting.sensitivity, limit, setting.isLoss);
    // Training bears more than the model by itself does.
    const start = Math.min(Math.max(1 - (1 - borne) / 2, 0.5), 0.97);
    const found = await searchByDrop(bench, {variants, ...epochs, start, limit});
    check(found !== null, 'maxDrop', 'a drop that some sparsity meets in this budget', maxDrop);
    return found;
  }
  if (sparsity !== undefined) {
    return searchAtSparsity(bench, {variants, ...epochs, sparsityOf: () => sparsity});
  }
  const sparsities = await sparsitiesFor(size!, model, state, setting);
  return searchAtSparsity(bench, {
    variants: variants.filter((variant) => sparsities.has(keyOf(variant))),
    ...epochs,
    sparsityOf: (variant) => sparsities.get(keyOf(variant))!,
  });
}

/** The sparsity at which each variant leaves at most `size` bytes. */
async function sparsitiesFor(
  size: number,
  model: LayersModel,
  state: ModelState,
  setting: Setting,
): Promise<Map<string, number>> {
  const {granularity} = setting;
  const sparsities = new Map<string, number>();
  for (const variant of variantsOf(granularity)) {
    if (granularity !== 'weight' && variant.allocation === 'global') {
      // Which layers lose how many channels, and so the size, is known only after training.
      continue;
    }
    const parametersAt = async (sparsity: number) => {
      const {layers, scope} = prunerArgs({...variant, sparsity, epochs: 1}, setting);
      try {
        await pruneAtOnce(model, granularity, {layers, scope}, sparsity);
        return await countParameters(model, granularity);
      } finally {
        state.restore();
      }
    };
    sparsities.set(keyOf(variant), await sparsityFor(Math.floor(size / 4), parametersAt));
  }
  return sparsities;
}

function keyOf({allocation, scoring, rise}: Variant): string {
  return [allocation, scoring, rise].join();
}
