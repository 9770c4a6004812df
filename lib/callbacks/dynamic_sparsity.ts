import type {LayersModel} from '@tensorflow/tfjs-layers';

import {weightsToPrune} from '../model/prunable';
import type {Gradients} from '../projection/optimizer_step';
import {isUpdateStep} from '../schedule/updates';
import {resolveDynamics, type DynamicSparsityArgs, type Dynamics} from '../weights/regrow/methods';
import {WeightPruning} from './base/weight_pruning';

/**
 * Prunes with masks that regrow: weights that were pruned too early can come back.
 *
 * `'surgery'` (Dynamic Network Surgery, Guo et al. 2016,
 * https://arxiv.org/abs/1608.04493) prunes gradually, like `PolynomialDecay`, but ranks a
 * dense copy of the weights, which the optimizer also updates in pruned places. The model
 * has the masked weights θ⊙M. With Δ the update of a step:
 *
 *     θ ← θ + Δ                   equal to  after + θ⊙(1 − M)
 *     M = 0 where |θ| < (1 − margin)·t,  1 where |θ| ≥ (1 + margin)·t,  else as it was
 *
 * The cut t follows from the exact sparsity, or with `threshold` from the magnitudes of
 * each layer. A weight that comes back has the value of its dense copy. All optimizers
 * work.
 *
 * `'rigl'` (Evci et al. 2020, https://arxiv.org/abs/1911.11134) and `'set'` (Mocanu et
 * al. 2018, https://arxiv.org/abs/1707.04780) train with the same number of zeros from
 * the first step to the last. By default the zeros begin at random places. Each update
 * moves the share f(t) of the kept weights: it prunes the smallest, and brings back as
 * many pruned ones, those with the largest gradients or random ones.
 *
 *     f(t) = α/2·(1 + cos(π·(t − begin)/(stop − begin)))
 *
 * An update takes effect in the current step, so weights that come back take part in it.
 * The state of the optimizer does not change.
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

  override get hasEnded(): boolean {
    return super.hasEnded && this.position.end(this.step) >= this.dynamics.stopStep;
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

  protected override async tellOfEnd(position: number, sparsity: number | null): Promise<void> {
    await super.tellOfEnd(position, sparsity);
    const {stopStep} = this.dynamics;
    if (!this.isEndTold && Number.isFinite(stopStep) && position < stopStep) {
      this.isEndTold = true;
      console.warn(
        `DynamicSparsity: training ${sparsity === null ? 'will end' : 'ended'} at ` +
          `${this.timing.unit} ${position}, before stopStep (${stopStep}), while masks still change. ` +
          'Train longer, or lower endStep and stopStep.',
      );
    }
  }

  protected override beforeStep(gradients: Gradients): void {
    super.beforeStep(gradients);
    const position = this.position.afterStep(this.step + 1, this.params);
    const {exchanger, schedule} = this.dynamics;
    const {beginStep} = schedule.updates;
    if (exchanger && position !== null && position > beginStep && this.isUpdateStep(position)) {
      exchanger.exchange(this.updater.groups, gradients, position);
      // The weights that move are the smallest, and start at zero: they change little.
      this.changed(exchanger.shareAt(position) / 4);
    }
  }
}
