import {check} from '../base/check';
import type {Search} from './ahead';
import {bearable} from './allocation';
import {variantsOf, type Setting, type Variant} from './candidate';
import {COSTS, type GoalArgs} from './goal';
import {searchAtSparsity, searchByDrop, type Trial} from './search';
import type {Sparsities} from './within_cost';

/**
 * The search that meets the goal best. It asks its bench for candidates, and decides by what
 * comes of them and by nothing else, so that it can be run again.
 *
 * @param goal `limit`: the drop that `maxDrop` allows on the validation data.
 * @param sparsities Those that keep a cost, where one is the goal.
 * @param finalEpochs Epochs of the longest training.
 * @returns A function to the candidate; to `null` where nothing has met the goal.
 */
export function planSearch(
  setting: Setting,
  goal: GoalArgs & {limit: number},
  sparsities: Sparsities,
  finalEpochs: number,
): Search<Trial | null> {
  const {granularity, sensitivity, isLoss} = setting;
  const {maxDrop, limit, sparsity} = goal;
  const variants = variantsOf(
    granularity,
    COSTS.find((name) => goal[name] !== undefined),
  );
  const epochs = {trialEpochs: Math.max(1, Math.floor(finalEpochs / 3)), finalEpochs};
  if (maxDrop !== undefined) {
    const borne = bearable(sensitivity, limit, isLoss);
    // Training bears more than the model by itself does.
    const start = Math.min(Math.max(1 - (1 - borne) / 2, 0.5), 0.97);
    return (bench) => searchByDrop(bench, {variants, ...epochs, start, limit});
  }
  const sparsityOf = ({allocation}: Variant) => sparsity ?? sparsities[allocation]!;
  const areAll = variants.every((variant) => sparsityOf(variant) !== undefined);
  // One that was written by hand.
  check(areAll, 'journal', 'a sparsity for each way to spread it', sparsities);
  return (bench) => searchAtSparsity(bench, {variants, ...epochs, sparsityOf});
}
