import type {LayersModel} from '@tensorflow/tfjs-layers';

import {weightsToPrune} from '../model/prunable';
import type {Gradients} from '../projection/optimizer_step';
import {isUpdateStep} from '../schedule/updates';
import {resolveDynamics, type DynamicSparsityArgs, type Dynamics} from '../weights/regrow/methods';
import {WeightPruning} from './base/weight_pruning';

/**
 * Masks that regrow: what was pruned too early comes back.
 *
 * `'surgery'` (Dynamic Network Surgery, Guo et al. 2016,
 * https://arxiv.org/abs/1608.04493) prunes gradually as `PolynomialDecay`, but
 * by a dense copy of the weights, which the optimizer updates at pruned places
 * too. With the masked weights θ⊙M in the model, and Δ what a step adds to them,
 *
 *     θ ← θ + Δ                   equal to  after + θ⊙(1 − M)
 *     M = 0 where |θ| < (1 − margin)·t,  1 where |θ| ≥ (1 + margin)·t,  else as it was
 *
 * The cut t follows from a sparsity that is met exactly, or with `threshold` from
 * the magnitudes of each layer. As each optimizer decides what Δ is, this holds
 * for all of them, momentum included. A weight that comes back has its dense value.
 *
 * `'rigl'` (Evci et al. 2020, https://arxiv.org/abs/1911.11134) and `'set'`
 * (Mocanu et al. 2018, https://arxiv.org/abs/1707.04780) train with the same
 * number of zeros from the first step to the last, by default at random places at
 * first. At each update the share f(t) of the kept weights moves: the smallest
 * go, and as many of the pruned ones come back, those with the largest gradients
 * or by chance.
 *
 *     f(t) = α/2·(1 + cos(π·(t − begin)/(stop − begin)))
 *
 * An update belongs to the step that is being made: what comes back takes part in
 * it. The optimizer's moments are left as they are. tfjs computes the gradients of
 * pruned weights too, so that moments there are of what the weight would have
 * done, and not those of before it was pruned.
 *
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, a model that is not compiled, and a NaN in the weights.
 * @example
 * const pruner = new DynamicSparsity({
 *   method: 'surgery', initialSparsity: 0.5, finalSparsity: 0.98,
 *   beginStep: 1000, endStep: 5000, stopStep: 8000, scope: 'global',
 * });
 * await model.fit(x, y, {epochs: 20, callbacks: [pruner]});
 * stripPruning(model);
 * @example
 * new DynamicSparsity({method: 'rigl', sparsity: 0.95, scope: 'erk', endStep: 10000});
 */
export class DynamicSparsity extends WeightPruning {
  /** The class's name, which outlives minifiers. */
  static readonly className = 'DynamicSparsity';
  private readonly dynamics: Dynamics;

  constructor(args: DynamicSparsityArgs) {
    const dynamics = resolveDynamics(args);
    super(dynamics.schedule, dynamics.selection, dynamics.cut);
    this.dynamics = dynamics;
  }

  override isUpdateStep(step: number): boolean {
    const {schedule, stopStep, isDrawn} = this.dynamics;
    const updates = {...schedule.updates, endStep: stopStep};
    return (super.isUpdateStep(step) || isUpdateStep(updates, step)) && isDrawn(step);
  }

  protected override async start(model: LayersModel, step: number): Promise<boolean> {
    const {exchanger, selection} = this.dynamics;
    exchanger?.check(weightsToPrune(model, selection.layers));
    return super.start(model, step);
  }

  protected override beforeStep(gradients: Gradients): void {
    super.beforeStep(gradients);
    const position = this.position.afterStep(this.step + 1, this.params);
    const {exchanger, schedule} = this.dynamics;
    const {beginStep} = schedule.updates;
    if (exchanger && position !== null && position > beginStep && this.isUpdateStep(position)) {
      exchanger.exchange(this.updater.groups, gradients, position);
      // Those that move are the smallest, and nothing yet when they come.
      this.changed(exchanger.shareAt(position) / 4);
    }
  }
}
