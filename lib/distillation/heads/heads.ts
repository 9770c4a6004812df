import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkAbove0, checkChoice, checkInteger, checkOptions} from '../../base/check';
import type {LossFunction} from '../loss';
import {outputForm} from '../output_form';
import type {Head, OutputKind} from './head';
import {sigmoidHead} from './sigmoid';
import {softmaxHead} from './softmax';
import {valuesHead} from './values';

/** Options of `distill` that may differ between outputs. */
export interface OutputArgs {
  /**
   * What the output means. `'softmax'`: one of several classes. `'sigmoid'`: yes or no
   * for each number. `'values'`: numbers as in a regression, with alpha·teacher + (1 −
   * alpha)·label as targets. Default: according to the teacher's last activation; classes
   * if it has none.
   */
  kind?: OutputKind;
  /** The axis of the classes; 0 is the batch. Default: the axis of the softmax, or the last. */
  axis?: number;
  /**
   * Temperature T, above 0: the higher, the more the teacher's less likely classes count.
   * Default: 2.
   */
  temperature?: number;
  /** The weight of the teacher in the loss, in [0, 1]. Default: 0.5. */
  alpha?: number;
  /** Whether teacher and student output logits instead of probabilities. Default: `false`. */
  fromLogits?: boolean;
  /**
   * The loss for the labels, one number per sample. Default: the categorical or binary
   * cross-entropy, or the mean squared error.
   */
  hardLoss?: LossFunction;
  /**
   * Metrics that compare with the labels: `'accuracy'`, or functions of labels (one-hot
   * classes along the last axis) and outputs. Default: `['accuracy']`, and none for
   * `'values'`.
   */
  metrics?: ReadonlyArray<'accuracy' | LossFunction>;
}

/** The names of `OutputArgs`, for checking options. */
export const OUTPUT_OPTIONS = [
  'kind',
  'axis',
  'temperature',
  'alpha',
  'fromLogits',
  'hardLoss',
  'metrics',
] as const;

/** `OutputArgs` of one of several outputs. */
export interface WeightedOutputArgs extends OutputArgs {
  /** The weight of the loss of this output in the sum, at least 0. Default: 1. */
  weight?: number;
}

/** An output, its head and what else belongs to it. */
export interface TaughtOutput {
  readonly name: string;
  readonly head: Head;
  readonly weight: number;
  /** For `compile`. */
  readonly metrics: ReadonlyArray<string | LossFunction>;
}

/** Throws unless `args` are `OutputArgs`. */
export function checkOutput(args: OutputArgs, path = ''): void {
  const {kind, axis, temperature = 2, alpha = 0.5, fromLogits = false, hardLoss, metrics} = args;
  if (kind !== undefined) {
    checkChoice(`${path}kind`, kind, ['softmax', 'sigmoid', 'values']);
  }
  if (axis !== undefined) {
    checkInteger(`${path}axis`, axis, 1);
  }
  checkAbove0(`${path}temperature`, temperature);
  const isShare = typeof alpha === 'number' && alpha >= 0 && alpha <= 1;
  check(isShare, `${path}alpha`, 'a number in [0, 1]', alpha);
  check(typeof fromLogits === 'boolean', `${path}fromLogits`, 'true or false', fromLogits);
  const isLoss = hardLoss === undefined || typeof hardLoss === 'function';
  check(isLoss, `${path}hardLoss`, 'a function of targets and outputs', hardLoss);
  check(
    metrics === undefined ||
      (Array.isArray(metrics) &&
        metrics.every((each) => each === 'accuracy' || typeof each === 'function')),
    `${path}metrics`,
    `a list of 'accuracy' and functions, such as tf.metrics.categoricalCrossentropy`,
    metrics,
  );
}

/**
 * The outputs of `teacher`, each with its head.
 *
 * @param common What holds for each output that has no option of its own.
 * @param own By the names of outputs.
 */
export function taughtOutputs(
  teacher: LayersModel,
  common: OutputArgs,
  own: Readonly<Record<string, WeightedOutputArgs>> = {},
): TaughtOutput[] {
  const {outputNames, outputs} = teacher;
  const isMap = typeof own === 'object' && own !== null && !Array.isArray(own);
  check(isMap, 'outputs', 'a map from names of outputs to their options', own);
  for (const [name, args] of Object.entries(own)) {
    check(outputNames.includes(name), 'outputs', `names among ${outputNames.join(', ')}`, name);
    const path = `outputs['${name}'].`;
    checkOptions(path.slice(0, -1), args, [...OUTPUT_OPTIONS, 'weight']);
    checkOutput(args, path);
    const {weight = 1} = args;
    const isWeight = typeof weight === 'number' && Number.isFinite(weight) && weight >= 0;
    check(isWeight, `${path}weight`, 'a finite number of at least 0', weight);
  }
  return outputs.map((output, i) => {
    const name = outputNames[i];
    const {weight = 1, ...args} = {...common, ...own[name]};
    const {temperature = 2, alpha = 0.5, fromLogits = false, hardLoss} = args;
    const shape = output.shape.slice(1);
    const form = outputForm(output, fromLogits);
    const kind = args.kind ?? form?.kind;
    const expected =
      "a model with one output of at least 2 classes along its last axis, or 'kind' for another";
    check(kind !== undefined, 'teacher', expected, `'${name}' of shape [${output.shape}]`);
    const all = {shape, temperature, alpha, fromLogits, hardLoss};
    const axis = args.axis ?? (form?.kind === 'softmax' ? form.axis : shape.length);
    check(
      args.axis === undefined || kind === 'softmax',
      'axis',
      "none unless kind is 'softmax'",
      axis,
    );
    if (kind === 'softmax') {
      const classes = shape[axis - 1] ?? 0;
      const along = `an axis of '${name}', of shape [${output.shape}], with at least 2 classes`;
      check(classes >= 2, args.axis === undefined ? 'teacher' : 'axis', along, axis);
    }
    const head =
      kind === 'softmax'
        ? softmaxHead({...all, axis})
        : kind === 'sigmoid'
          ? sigmoidHead(all)
          : valuesHead(all);
    return {name, head, weight, metrics: metricsOf(head, args.metrics, name)};
  });
}

function metricsOf(
  {accuracy, ofLabels}: Head,
  metrics: OutputArgs['metrics'],
  name: string,
): Array<string | LossFunction> {
  return (metrics ?? (accuracy === null ? [] : ['accuracy' as const])).map((each) => {
    if (each !== 'accuracy') {
      return ofLabels(each);
    }
    check(
      accuracy !== null,
      'metrics',
      `functions for '${name}', whose values are not right or wrong`,
      each,
    );
    return accuracy;
  });
}
