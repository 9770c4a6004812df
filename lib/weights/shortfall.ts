import {listed} from '../base/listed';
import type {Structure} from './structure';
import type {WeightGroup} from './weight_group';

/** The least share of a weight that is worth a warning where it is missing. */
const NOTABLE = 0.01;

/** Warns where whole blocks are too coarse for the sparsity that was asked for, and says what is left. */
export function warnOfCoarseBlocks(
  groups: readonly WeightGroup[],
  structure: Structure | undefined,
): void {
  if (structure === undefined || !('block' in structure)) {
    return;
  }
  const missed = groups.filter(({count, size, reached}) => reached - count / size > NOTABLE);
  if (missed.length > 0) {
    const each = missed.map(({weights, count, size, reached}) => {
      const names = listed(weights.map(({name}) => `'${name}'`));
      return `${names} at ${(count / size).toFixed(4)}, not ${reached.toFixed(4)}`;
    });
    console.warn(
      `Blocks of ${[structure.block].flat().join(' by ')} are too large to meet the sparsity: ` +
        `${each.join('; ')}.`,
    );
  }
}
