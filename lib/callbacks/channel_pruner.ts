import type {ChannelGroup} from '../channels/groups/channel_groups';
import {areFilters} from '../channels/groups/kind';
import {StructuredPruning, type StructuredPruningArgs} from './base/structured_pruning';

/** Arguments of `ChannelPruner`. */
export type ChannelPrunerArgs = StructuredPruningArgs;

/**
 * Prunes whole filters of convolutions while the model trains. The sparsity rises as in
 * `PolynomialDecay`: a layer of N filters loses the round(N·s) least important ones.
 * Their kernels and biases, and the gamma, beta and moving mean of a normalization after
 * them, are then zero after each step. Layers whose channels are added together or
 * filtered depthwise lose the same channels. Outputs of the model, and other channels
 * that must stay, are not pruned. `shrink` then removes the pruned filters.
 *
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, a layer named that must stay as it is, a model that is not compiled
 *   or has nothing to prune, and a NaN in the weights.
 * @example
 * const pruner = new ChannelPruner({
 *   initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 2000, roundTo: 8,
 * });
 * await model.fit(x, y, {epochs: 4, callbacks: [pruner]});
 * const smaller = await shrink(stripPruning(model));
 */
export class ChannelPruner extends StructuredPruning {
  /** The class's name, which outlives minifiers. */
  static readonly className = 'ChannelPruner';

  constructor(args: ChannelPrunerArgs) {
    super('ChannelPruner', args);
  }

  protected override isOfKind(group: ChannelGroup): boolean {
    return areFilters(group);
  }
}
