import type {Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {measureOf} from '../channels/importance';
import {disposeBatches, readBatches} from '../data/batches';
import {defaultMetric, Evaluation} from '../data/evaluation';
import {type LayerPrunerArgs, type LayerPruning, resolveLayerPruning} from '../layers/args';
import {bypass, maskAll, removeUnit} from '../layers/bypass';
import {checkLayerImportance, layerScores} from '../layers/layer_importance';
import {type LayerUnit, layerUnits} from '../layers/layer_units';
import {checkUnits, selectUnits} from '../layers/select_layers';
import {weightsOf} from '../model/layer_tree';
import {readWeight} from '../model/read_weight';
import {maskOf} from '../projection/mask';
import {lastUpdateStep} from '../schedule/updates';
import type {Logs} from './base/optimizer_callback';
import {ScheduledPruning} from './base/scheduled_pruning';

/**
 * Removes whole layers while the model trains, one at a time, the least important first,
 * with `frequency` steps of training in between. It can remove:
 * - a layer whose output has the shape of its input, such as a `'same'` convolution or a
 *   dense layer in a chain of equal ones, and the normalization after it. The layer
 *   becomes a linear activation, which takes no time, and you can save and load the model
 *   at any time;
 * - a branch of an addition, if another input of the same shape remains, as in a residual
 *   block. A mask on the last layer of the branch makes it add zeros.
 *
 * `shrink` then removes both from the model. A layer stays if it produces an output of
 * the model, changes the shape, or is used more than once.
 *
 * Layers are removed before a step, so that training always follows. In a loop of
 * `trainOnBatch`, `await onBatchBegin(batch)` before each step, and with `unit: 'epoch'`
 * also `await onEpochBegin(epoch)` before each epoch.
 *
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, a layer named that must stay, a model that is not compiled or has
 *   nothing to remove, and data that the model does not take.
 * @example
 * const pruner = new LayerPruner({count: 2, frequency: 500, calibration: {x: someX, y: someY}});
 * await model.fit(x, y, {epochs: 4, callbacks: [pruner]});
 * pruner.removed; //=> ['add_3', 'dense_2']
 * const smaller = await shrink(stripPruning(model));
 * @example
 * new LayerPruner({maxDrop: 0.01, validation: {x: valX, y: valY}, unit: 'epoch'});
 */
export class LayerPruner extends ScheduledPruning {
  /** The class's name, which outlives minifiers. */
  static readonly className = 'LayerPruner';
  private readonly args: LayerPruning;
  /** The model of the last fit, with which the next goes on. */
  private former: LayersModel | null = null;
  private gone: string[] = [];
  /** Numbers of parameters: all there were, and those of the layers that are gone. */
  private size = 0;
  private goneSize = 0;
  /** What `maxDrop` looks at, and what it is counted from. */
  private evaluation: Evaluation | null = null;
  private baseline = 0;
  /** The last position at which a layer was due. */
  private lastDue = -1;
  /** The position at which a layer is due. */
  private due: number | null = null;
  /** Why no more layers were removed, if the reason is not that training ended. */
  private obstacle: string | null = null;
  /** The masks of removed branches: another callback that sets its own may not revive them. */
  private silent = new Map<LayerVariable, Tensor | undefined>();

  constructor(args: LayerPrunerArgs) {
    const resolved = resolveLayerPruning(args);
    const {updates, unit, normalization} = resolved;
    super({updates, unit, schedule: null, isResuming: true, normalization});
    this.args = resolved;
  }

  /** Names of the removed layers, in order; a removed branch has the name of its addition. */
  get removed(): readonly string[] {
    return this.gone;
  }

  /** Share of the model's parameters that the removed layers had, in [0, 1). */
  get sparsity(): number {
    return this.size === 0 ? 0 : this.goneSize / this.size;
  }

  /** Whether all of `count` layers are removed. */
  override get hasEnded(): boolean {
    return this.gone.length >= this.args.count;
  }

  protected get schedules(): [] {
    return [];
  }

  protected override async start(model: LayersModel, step: number): Promise<boolean> {
    const isNew = model !== this.former;
    if (isNew) {
      await this.startWith(model);
      this.former = model;
    }
    if (this.timing.unit === 'step' && step < this.lastDue) {
      // Compiled again: the optimizer counts from 0.
      this.lastDue = -1;
    }
    this.due = null;
    this.obstacle = null;
    // Not what stripPruning has ended.
    this.silent = new Map([...this.silent].filter(([variable]) => maskOf(variable)));
    this.keepSilent();
    return isNew;
  }

  protected override afterStep(step: number): void {
    this.keepSilent();
    super.afterStep(step);
  }

  protected override pruneTo(position: number): void {
    this.due = position;
  }

  /** Layers are removed before a step and not after it, so that training follows. */
  protected override async settle(): Promise<void> {}

  /** Called by `fit`. */
  override async onEpochBegin(epoch: number): Promise<void> {
    await super.onEpochBegin(epoch);
    if (this.timing.unit === 'epoch') {
      await this.removeDue();
    }
  }

  /** Called by `fit`. */
  override async onBatchBegin(batch: number, logs?: Logs): Promise<void> {
    await super.onBatchBegin(batch, logs);
    if (this.timing.unit === 'step') {
      this.due = lastUpdateStep(this.timing.updates, this.step);
      await this.removeDue();
    }
  }

  protected override async finish(): Promise<void> {
    this.keepSilent();
    const {length} = this.gone;
    const {count} = this.args;
    if (Number.isFinite(count) ? length < count : length === 0) {
      const asked = Number.isFinite(count) ? `${length} of ${count} layers` : 'no layer';
      const obstacle =
        this.obstacle ?? 'training ended before the next was due. Train longer, or lower frequency';
      console.warn(`LayerPruner: removed ${asked}: ${obstacle}.`);
    }
  }

  /** Masks the removed branches again where another callback has set its own mask. */
  private keepSilent(): void {
    for (const [variable, mask] of this.silent) {
      if (maskOf(variable) !== mask) {
        this.silence(variable);
      }
    }
  }

  private async startWith(model: LayersModel): Promise<void> {
    const {layers, ignore, scoring} = this.args;
    const units = await layerUnits(model);
    checkUnits(units, layers, ignore);
    const open = selectUnits(units, layers, ignore).filter(({frozen}) => frozen === undefined);
    checkLayerImportance(model, open, scoring.importance);
    if (scoring.calibration) {
      checkStateless('calibration', model);
      const withTargets = measureOf(scoring.importance).data === 'targets';
      disposeBatches(await readBatches(model, scoring.calibration, withTargets, 1));
    }
    const evaluation = this.evaluationOf(model);
    evaluation?.checkDrop(this.args.maxDrop);
    const baseline = (await evaluation?.baseline()) ?? 0;
    this.evaluation = evaluation;
    this.baseline = baseline;
    this.gone = [];
    this.goneSize = 0;
    this.size = sizeOf(weightsOf(model));
    this.lastDue = -1;
  }

  /** Removes the layer that is due, if it was not yet. */
  private async removeDue(): Promise<void> {
    const {due} = this;
    this.due = null;
    if (due !== null && due > this.lastDue) {
      this.lastDue = due;
      if (this.gone.length < this.args.count) {
        await this.removeOne(this.model);
      }
    }
  }

  private async removeOne(model: LayersModel): Promise<void> {
    const {layers, ignore, scoring, maxDrop} = this.args;
    const units = selectUnits(await layerUnits(model), layers, ignore);
    const open = units.filter(({frozen}) => frozen === undefined);
    if (open.length === 0) {
      this.obstacle = 'no other layer can be removed';
      return;
    }
    const seed = scoring.seed + this.gone.length;
    const scores = await layerScores(model, open, {...scoring, seed});
    open.forEach(({name}, i) => this.checkFinite(name, scores[i]));
    const order = [...open.keys()].sort((i, j) => scores[i] - scores[j]);
    for (const unit of order.map((i) => open[i])) {
      if (await this.fits(unit)) {
        this.goneSize += sizeOf(unit.layers.flatMap(weightsOf));
        removeUnit(model, unit);
        this.tellChange(1);
        unit.zeroed?.forEach((variable) => this.silent.set(variable, maskOf(variable)));
        this.gone = [...this.gone, unit.name];
        this.obstacle = null;
        return;
      }
    }
    this.obstacle = `removing any other costs more than maxDrop (${maxDrop} of ${this.evaluation?.name})`;
  }

  /** Whether the model without `unit` is good enough. It is put back. */
  private async fits(unit: LayerUnit): Promise<boolean> {
    const {evaluation, baseline} = this;
    const {maxDrop = Infinity} = this.args;
    if (evaluation === null) {
      return true;
    }
    const undo = bypass(unit);
    try {
      // And what float32 makes of a difference.
      return evaluation.drop(baseline, await evaluation.value()) <= maxDrop + 1e-6;
    } finally {
      undo();
    }
  }

  private evaluationOf(model: LayersModel): Evaluation | null {
    const {validation, metric = defaultMetric(model)} = this.args;
    if (validation === undefined) {
      return null;
    }
    checkStateless('validation', model);
    return new Evaluation(model, validation, metric, 'validation');
  }

  private silence(variable: LayerVariable): void {
    maskAll(variable);
    this.silent.set(variable, maskOf(variable));
  }

  private checkFinite(name: string, score: number): void {
    if (!Number.isFinite(score)) {
      throw new PruningError(
        `importance of '${name}' at step ${this.step}`,
        'a finite number',
        'NaN or infinity: lower the learning rate, or look for a NaN in the data',
      );
    }
  }

  protected override log(logs: NonNullable<Logs>): void {
    logs.removedLayers = this.gone.length;
  }
}

function checkStateless(argument: string, model: LayersModel): void {
  check(!model.stateful, argument, 'a model without state between batches', model.name);
}

/** Number of parameters. */
function sizeOf(weights: readonly LayerVariable[]): number {
  const sizes = [...new Set(weights)].map((variable) => readWeight(variable).size);
  return sizes.reduce((all, size) => all + size, 0);
}
