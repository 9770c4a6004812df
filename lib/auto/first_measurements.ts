import type {Tensor} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {tell} from '../base/stoppable';
import type {PrunableLayer} from '../callbacks/granularity';
import {datasetOf} from '../data/batches';
import {defaultMetric, EVALUATED_TOGETHER, Evaluation} from '../data/evaluation';
import type {AutoPruneArgs} from './args';
import {defaultEpochs} from './budget';
import type {Setting} from './candidate';
import {costOf} from './cost';
import type {Crew} from './executor';
import {COSTS} from './goal';
import type {Start} from './journal';
import {scan, type ScanStep} from './scan';
import {sparsitiesWithin} from './within_cost';
import type {Workplace} from './workplace';

/** Enough to tell layers apart; each costs an evaluation of some of the samples. */
const SPARSITIES = [0.5, 0.75, 0.9, 0.97];
const SCAN_SAMPLES = 2000;

/** What is measured before the first trial, and where. */
export interface FirstMeasurements {
  workplace: Workplace;
  crew: Crew;
  args: AutoPruneArgs;
  unscanned: Omit<Setting, 'sensitivity'>;
  evaluation: Evaluation;
  /** Inputs of one example, where milliseconds of a prediction are the goal. */
  example: Tensor[] | undefined;
}

/** How often layers are measured. */
export function countMeasurements(layers: readonly PrunableLayer[]): number {
  return layers.length * SPARSITIES.length;
}

/**
 * Measures what each layer bears, and what the model costs at which sparsity.
 *
 * @throws PruningError where no worker survives a layer, or no sparsity leaves so small a cost.
 */
export async function measureFirst({
  workplace,
  crew,
  args,
  unscanned,
  evaluation,
  example,
}: FirstMeasurements): Promise<Start> {
  const {model} = workplace;
  const {layers} = unscanned;
  const {granularity = 'weight', metric = defaultMetric(model), validation} = args;
  const {budget, train} = args;
  const begin = Date.now();
  const baseline = await evaluation.baseline();
  const {samples} = evaluation;
  const onStep = ({done, total}: ScanStep) =>
    tell(args, {
      phase: 'sensitivity',
      measurements: {done, total},
      candidate: null,
      epoch: 0,
      epochsDone: 0,
      epochs: budget?.epochs ?? defaultEpochs(train.epochs),
      secondsLeft: null,
      best: null,
      tried: [],
      running: [],
    });
  const part = datasetOf(validation, {most: SCAN_SAMPLES, batchSize: EVALUATED_TOGETHER});
  const ofPart = await new Evaluation(model, part, metric).value();
  const found = await scan(crew, {
    granularity,
    scoring: {seed: 1},
    most: SCAN_SAMPLES,
    layers,
    sparsities: SPARSITIES,
    onStep,
  });
  const unknown = found.find(({points}) => points.every(({failed}) => failed !== undefined));
  const reason = unknown?.points[0].failed;
  check(!unknown, 'executor', `workers that survive layer '${unknown?.name}'`, reason);
  const scanned = {granularity, metric: evaluation.name, baseline: ofPart, layers: found};
  workplace.restore();
  const name = COSTS.find((each) => args[each] !== undefined);
  const setting = {...unscanned, sensitivity: scanned};
  return {
    baseline,
    sensitivity: scanned,
    cost: await costOf(model, granularity, example),
    sparsities:
      name === undefined
        ? {}
        : await sparsitiesWithin(name, args[name]!, workplace, setting, example),
    samples,
    seconds: (Date.now() - begin) / 1000,
  };
}
