import type {Tensor} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {pruneAtOnce} from '../callbacks/granularity';
import {prunerArgs, variantsOf, type Allocation, type Setting} from './candidate';
import {costOf, type Cost} from './cost';
import {UNITS, type CostName} from './goal';
import type {Workplace} from './workplace';

/** For each allocation the sparsity that keeps a cost. */
export type Sparsities = Partial<Record<Allocation, number>>;

/**
 * The least sparsity, for each way to spread it, that leaves a model of at most this cost.
 * Ways that are known only after training are left out: where the smallest of all go, their
 * layers are, and with them all costs but the number of single weights.
 *
 * @param workplace The model before pruning, to come back to.
 * @param example Where milliseconds are the cost.
 * @throws PruningError where even the highest sparsity leaves more; it says how much.
 */
export async function sparsitiesWithin(
  name: CostName,
  most: number,
  workplace: Pick<Workplace, 'model' | 'restore'>,
  setting: Setting,
  example?: Tensor[],
): Promise<Sparsities> {
  const {model} = workplace;
  const {granularity} = setting;
  const sparsities: Sparsities = {};
  for (const variant of variantsOf(granularity, name)) {
    const {allocation} = variant;
    const costAt = async (sparsity: number) => {
      const {layers, scope} = prunerArgs({...variant, sparsity, epochs: 1}, setting);
      try {
        await pruneAtOnce(model, granularity, {layers, scope}, sparsity);
        return costIn(name, await costOf(model, granularity, example));
      } finally {
        workplace.restore();
      }
    };
    sparsities[allocation] ??= await sparsityFor(name, most, costAt);
  }
  return sparsities;
}

/** A cost in the unit of its goal. */
export function costIn(name: CostName, {parameters, macs, millis}: Cost): number {
  return {size: 4 * parameters, macs, millis: millis!}[name];
}

/**
 * The least sparsity that costs no more than `most`: to 2⁻¹², or 2⁻⁶ where it is measured.
 *
 * @param costAt The cost at a sparsity; it falls as that rises.
 * @throws PruningError where even the highest sparsity costs more.
 */
export async function sparsityFor(
  name: CostName,
  most: number,
  costAt: (sparsity: number) => Promise<number>,
): Promise<number> {
  const isMeasured = name === 'millis';
  // Another measurement of the same model may take a little longer.
  const limit = isMeasured ? most * MEASURED : most;
  let [low, high] = [0, HIGHEST];
  const least = await costAt(high);
  const shown = Number(least.toPrecision(isMeasured ? 3 : 15));
  check(least <= limit, name, `at least ${shown} ${UNITS[name]}`, most);
  if ((await costAt(low)) <= limit) {
    return low;
  }
  while (high - low > 2 ** (isMeasured ? -6 : -12)) {
    const middle = (low + high) / 2;
    [low, high] = (await costAt(middle)) <= limit ? [low, middle] : [middle, high];
  }
  return high;
}

const HIGHEST = 0.998;

/** The share of the milliseconds that are allowed which may be measured. */
const MEASURED = 0.95;
