import type {ChannelGroup} from '../channels/groups/channel_groups';
import {areUnits} from '../channels/groups/kind';
import {StructuredPruning, type StructuredPruningArgs} from './base/structured_pruning';

/** Arguments of `NeuronPruner`. */
export type NeuronPrunerArgs = StructuredPruningArgs;

/**
 * Prunes whole units of dense and recurrent layers, and dimensions of embeddings,
 * while the model trains, to a sparsity that rises as that of `PolynomialDecay`
 * does. Each layer loses exactly the nearest integer to its number of units times
 * the sparsity, the least important first. Their columns of the kernels, in all
 * gates, and their biases are then zero after each step. Units that are coupled
 * to filters of a convolution are left to `ChannelPruner`, and the model's
 * outputs are left alone. `shrink` then removes them.
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
