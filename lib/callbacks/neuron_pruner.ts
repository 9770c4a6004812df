import type {ChannelGroup} from '../channels/groups/channel_groups';
import {areUnits} from '../channels/groups/kind';
import {StructuredPruning, type StructuredPruningArgs} from './base/structured_pruning';

/** Arguments of `NeuronPruner`. */
export type NeuronPrunerArgs = StructuredPruningArgs;

/**
 * Prunes whole units of dense and recurrent layers, and dimensions of embeddings, while
 * the model trains. The sparsity rises as in `PolynomialDecay`: a layer of N units loses
 * the round(N·s) least important ones. Their columns of the kernels (in all gates) and
 * their biases are then zero after each step. `ChannelPruner` prunes units that are
 * coupled to filters of a convolution. Outputs of the model are not pruned. `shrink` then
 * removes the pruned units.
 *
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, a layer named that must stay as it is, a model that is not compiled
 *   or has nothing to prune, and a NaN in the weights.
 * @example
 * const pruner = new NeuronPruner({
 *   initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 2000, ignore: ['lstm_1'],
 * });
 * await model.fit(x, y, {epochs: 4, callbacks: [pruner]});
 * const smaller = await shrink(stripPruning(model));
 */
export class NeuronPruner extends StructuredPruning {
  /** The class's name, which outlives minifiers. */
  static readonly className = 'NeuronPruner';

  constructor(args: NeuronPrunerArgs) {
    super('NeuronPruner', args);
  }

  protected override isOfKind(group: ChannelGroup): boolean {
    return areUnits(group);
  }
}
