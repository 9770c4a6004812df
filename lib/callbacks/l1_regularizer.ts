import {addN, mul, scalar, tidy, type Scalar, type Variable} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkChoice, checkOptions} from '../base/check';
import {countZeros, leaveNextToNothing} from '../base/count_zeros';
import {listed} from '../base/listed';
import {checkNormalization, type NormalizationArgs} from '../model/follow_normalization';
import {checkLayerFilter, type LayerFilter} from '../model/layer_selection';
import {learningRate} from '../model/learning_rate';
import {readWeight} from '../model/read_weight';
import {addTrainingLoss} from '../model/training_loss';
import {positionIn, type ScheduleUnit} from '../schedule/position';
import {checkUnit} from '../schedule/timing';
import {type RegularizedWeight, regularizedWeights} from '../weights/l1/regularized_weights';
import {OptimizerCallback} from './base/optimizer_callback';

/** Arguments of `L1Regularizer`. */
export interface L1RegularizerArgs extends NormalizationArgs {
  /**
   * Strength λ: a finite number of at least 0, or a function that returns it for the
   * number of optimizer steps (or epochs) done so far.
   */
  l1: number | ((step: number) => number);
  /**
   * `'penalty'` adds λ·‖θ‖₁ to the training loss, so weights come close to zero.
   * `'proximal'` soft-thresholds the weights after each optimizer step, so weights become
   * exactly zero, and the loss does not change. Default: `'penalty'`.
   */
  mode?: 'penalty' | 'proximal';
  /**
   * Which layers: a predicate over layers or a list of names. Default: all kernels of
   * dense, convolutional and recurrent layers, and embeddings. With the target `'gamma'`:
   * BatchNormalization layers, by default all.
   */
  layers?: LayerFilter;
  /**
   * What is shrunk together. `'weight'`: each weight by itself. `'channel'`: all weights
   * of an output channel, so that whole channels become zero. An output channel is the
   * last axis of a kernel, or the output axis of a transposed or depthwise convolution.
   * In an embedding it is a dimension, and in a recurrent kernel one gate of one unit.
   * `'input'`: all weights that read one input, such as a word of an embedding or an
   * input channel of a convolution. Default: `'weight'`.
   */
  groups?: 'weight' | 'channel' | 'input';
  /**
   * With `groups: 'channel'`, whether the group of a channel includes its bias, so that
   * nothing is left of a channel that becomes zero. Default: `false`.
   */
  biases?: boolean;
  /**
   * `'kernel'` shrinks kernels. `'gamma'` shrinks the gammas of BatchNormalization
   * layers, one per channel (network slimming); `groups` then makes no difference.
   * Default: `'kernel'`.
   */
  target?: 'kernel' | 'gamma';
  /** What the argument of a function `l1` counts. Default: `'step'`. */
  unit?: ScheduleUnit;
}

/**
 * Shrinks weights by L1 regularization while the model trains: each, by output channel or by
 * input (group lasso, Yuan & Lin 2006, https://doi.org/10.1111/j.1467-9868.2005.00532.x), or
 * the gammas of normalizations (network slimming, Liu et al. 2017,
 * https://arxiv.org/abs/1708.06519). The norm over all selected weights θ is
 *
 *     R(θ) = ‖θ‖₁ = Σ |θᵢ|           groups: 'weight'
 *     R(θ) = Σ √p_g·‖θ_g‖₂           other groups, of p_g weights each
 *
 * and with η the optimizer's learning rate at the step
 *
 *     L = L₀ + λ·R(θ)                              mode: 'penalty'
 *     θᵢ ← sign(θᵢ)·max(|θᵢ| − η·λ, 0)             mode: 'proximal', 'weight'
 *     θ_g ← θ_g·max(1 − √p_g·η·λ/‖θ_g‖₂, 0)        mode: 'proximal', groups
 *
 * (Parikh & Boyd 2014, https://doi.org/10.1561/2400000003, for the latter). η is the
 * plain learning rate, also for adaptive optimizers and momentum; for Adamax it includes
 * the decay. The subgradient at zero is zero.
 *
 * Each weight counts once, however often the model uses its layer. Frozen weights do not
 * count, whether they were frozen before or after `compile`. The penalty is added to the
 * regularizers of the layers, and masked weights stay zero. tfjs does not include
 * penalties in the validation loss. After training, the layers have their previous losses
 * again. The penalty works in `fit`, `fitDataset` and `trainOnBatch`; in a loop of
 * `optimizer.minimize`, use the mode `'proximal'`.
 *
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, a model that is not compiled or without a weight to regularize, a
 *   schedule that returns no finite number of at least 0, in the mode
 *   `'proximal'` an optimizer without a `learningRate`, and in the mode
 *   `'penalty'` a step whose loss does not have the penalty.
 * @example
 * const l1 = new L1Regularizer({l1: 1e-4, mode: 'proximal'});
 * await model.fit(x, y, {epochs: 4, callbacks: [l1]});
 * @example
 * // Network slimming, ever stronger over 1000 steps.
 * new L1Regularizer({l1: (step) => 1e-4 * Math.min(1, step / 1000), target: 'gamma'});
 */
export class L1Regularizer extends OptimizerCallback {
  /** The class's name, which outlives minifiers. */
  static readonly className = 'L1Regularizer';
  private readonly args: Required<Omit<L1RegularizerArgs, 'layers' | 'normalization'>> &
    Pick<L1RegularizerArgs, 'layers'>;
  private weights: readonly RegularizedWeight[] = [];
  private removePenalty: (() => void) | null = null;
  /** Whether the loss of the step at hand has asked for the penalty. */
  private isPenaltyInLoss = false;
  private readonly position = positionIn('epoch');
  private epochsDone = 0;
  /** The model of the last fit, whose epochs the next one counts on. */
  private former: LayersModel | null = null;
  /** Whether it was said that next to nothing is left. */
  private isHighTold = false;

  constructor(args: L1RegularizerArgs) {
    checkOptions('L1Regularizer', args, OPTIONS);
    const {l1, mode = 'penalty', layers, groups = 'weight', target = 'kernel'} = args;
    const {biases = false, unit = 'step', normalization = 'follow'} = args;
    if (typeof l1 !== 'function') {
      checkStrength('l1', l1);
    }
    checkChoice('mode', mode, ['penalty', 'proximal']);
    if (layers !== undefined) {
      checkLayerFilter(layers);
    }
    checkChoice('groups', groups, ['weight', 'channel', 'input']);
    checkChoice('target', target, ['kernel', 'gamma']);
    check(typeof biases === 'boolean', 'biases', 'true or false', biases);
    const areOfChannels = groups === 'channel' && target === 'kernel';
    check(
      !biases || areOfChannels,
      'biases',
      "false unless groups is 'channel' and target 'kernel'",
      biases,
    );
    checkUnit(unit);
    checkNormalization(normalization);
    super(normalization);
    this.args = {l1, mode, layers, groups, biases, target, unit};
  }

  /** Strength λ after `step` optimizer steps (or epochs). */
  l1At(step: number): number {
    const {l1} = this.args;
    if (typeof l1 === 'number') {
      return l1;
    }
    const strength: unknown = l1(step);
    checkStrength(`l1(${step})`, strength);
    return strength;
  }

  protected override begin(model: LayersModel, step: number): void {
    // A `fit` that threw has not called onTrainEnd.
    this.stop();
    const weights = regularizedWeights(model, this.args);
    this.position.begin(step, model !== this.former);
    this.former = model;
    this.epochsDone = this.position.end(step);
    this.l1At(this.progress(step));
    if (this.args.mode === 'proximal') {
      learningRate(model.optimizer, step);
    } else {
      this.removePenalty = addTrainingLoss(model, () => this.penalty());
    }
    this.weights = weights;
  }

  /** Called by `fit`. */
  override async onEpochBegin(epoch: number): Promise<void> {
    this.epochsDone = this.position.beginEpoch(epoch) ?? epoch;
  }

  /** Called by `fit`. */
  override async onEpochEnd(epoch: number): Promise<void> {
    this.position.endEpoch(epoch);
  }

  protected override beforeStep(): void {
    if (this.args.mode === 'penalty') {
      check(
        this.isPenaltyInLoss,
        'mode',
        "'proximal' where the loss is your own, as in a loop of optimizer.minimize",
        'penalty',
      );
      this.isPenaltyInLoss = false;
    }
  }

  protected override afterStep(step: number): void {
    if (this.args.mode === 'proximal') {
      this.shrink(step - 1);
    }
  }

  protected override async end(): Promise<void> {
    this.stop();
    if (this.args.mode === 'proximal' && !this.isHighTold) {
      await this.tellOfEmptied();
    }
  }

  /** Warns of weights that it has left next to nothing of. */
  private async tellOfEmptied(): Promise<void> {
    const own = this.trained.map(({variables: [variable]}) => readWeight(variable));
    const zeros = await countZeros(own);
    const names = this.trained.flatMap(({variables: [{originalName}]}, i) =>
      leaveNextToNothing(zeros[i], own[i].size) ? [originalName] : [],
    );
    if (names.length > 0) {
      this.isHighTold = true;
      console.warn(`L1Regularizer: next to nothing is left of ${listed(names)}. Lower l1.`);
    }
  }

  private stop(): void {
    this.removePenalty?.();
    this.removePenalty = null;
    this.isPenaltyInLoss = false;
  }

  /** Those that were not frozen since. */
  private get trained(): RegularizedWeight[] {
    return this.weights.filter(({variables}) => variables.every(({trainable}) => trainable));
  }

  /** λ·R(θ) at the step at hand. */
  private penalty(): Scalar {
    this.isPenaltyInLoss = true;
    const strength = this.l1At(this.progress(this.step));
    const {trained} = this;
    return strength === 0 || trained.length === 0
      ? scalar(0)
      : tidy(() => {
          const norms = trained.map(({variables, norm}) => {
            const [weight, bias] = variables.map(readWeight);
            return norm.of(weight, bias);
          });
          return mul<Scalar>(addN(norms), strength);
        });
  }

  /** The proximal step after a step of the optimizer, before which `done` were done. */
  private shrink(done: number): void {
    const {optimizer} = this.model;
    const rate = learningRate(optimizer, optimizer.iterations - 1);
    const threshold = this.l1At(this.progress(done)) * rate;
    if (threshold === 0) {
      return;
    }
    for (const {variables, norm} of this.trained) {
      tidy(() => {
        const [weight, bias] = variables.map(readWeight);
        const shrunk = norm.shrink(threshold, weight, bias);
        [weight, bias].forEach((each, i) => (each as Variable | undefined)?.assign(shrunk[i]));
      });
    }
  }

  /** What a function `l1` is asked for, after `step` optimizer steps. */
  private progress(step: number): number {
    return this.args.unit === 'epoch' ? this.epochsDone : step;
  }
}

const OPTIONS = [
  'l1',
  'mode',
  'layers',
  'groups',
  'biases',
  'target',
  'unit',
  'normalization',
] as const;

function checkStrength(argument: string, value: unknown): asserts value is number {
  const isStrength = typeof value === 'number' && Number.isFinite(value) && value >= 0;
  const orFunction = argument === 'l1' ? ', or a function from step to one' : '';
  check(isStrength, argument, `a finite number of at least 0${orFunction}`, value);
}
