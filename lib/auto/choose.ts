import type {LayersModel} from '@tensorflow/tfjs-layers';

import {pruneAtOnce} from '../callbacks/granularity';
import type {Search} from './ahead';
import {bearable} from './allocation';
import {prunerArgs, variantsOf, type Setting, type Variant} from './candidate';
import {countParameters, sparsityFor, type GoalArgs} from './goal';
import {searchAtSparsity, searchByDrop, type Trial} from './search';

/**
 * The search that meets the goal best. It asks its bench for candidates, and decides by what
 * comes of them and by nothing else, so that it can be run again.
 *
 * @param state The model before pruning.
 * @param goal `limit`: the drop that `maxDrop` allows on the validation data.
 * @param finalEpochs Epochs of the longest training.
 * @returns A function to the candidate; to `null` where nothing has met the goal.
 */
export async function planSearch(
  model: LayersModel,
  state: Restorable,
  setting: Setting,
  goal: GoalArgs & {limit: number},
  finalEpochs: number,
): Promise<Search<Trial | null>> {
  const {maxDrop, limit, sparsity, size} = goal;
  const variants = variantsOf(setting.granularity);
  const epochs = {trialEpochs: Math.max(1, Math.floor(finalEpochs / 3)), finalEpochs};
  if (maxDrop !== undefined) {
    const borne = bearable(setting.sensitivity, limit, setting.isLoss);
    // Training bears more than the model by itself does.
    const start = Math.min(Math.max(1 - (1 - borne) / 2, 0.5), 0.97);
    return (bench) => searchByDrop(bench, {variants, ...epochs, start, limit});
  }
  if (sparsity !== undefined) {
    return (bench) => searchAtSparsity(bench, {variants, ...epochs, sparsityOf: () => sparsity});
  }
  const sparsities = await sparsitiesFor(size!, model, state, setting);
  const possible = variants.filter((variant) => sparsities.has(keyOf(variant)));
  const sparsityOf = (variant: Variant) => sparsities.get(keyOf(variant))!;
  return (bench) => searchAtSparsity(bench, {variants: possible, ...epochs, sparsityOf});
}

/** The model before pruning, to come back to. */
interface Restorable {
  restore(): void;
}

/** The sparsity at which each variant leaves at most `size` bytes. */
async function sparsitiesFor(
  size: number,
  model: LayersModel,
  state: Restorable,
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
