import type {Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel, ModelCompileArgs} from '@tensorflow/tfjs-layers';

import {check, checkAbove0, checkInteger, checkOptions} from '../base/check';
import type {SampleDataset} from '../data/samples';
import {checkModel} from '../model/check_model';
import {TaughtDataset} from './dataset';
import {hintedModels, type Hints} from './hints';
import {LabelWatch} from './label_watch';
import {crossentropy, distillationLoss, hintLoss, ofLabels, type LossFunction} from './loss';
import {firstOf, Teacher, type Inputs} from './teacher';

/** Arguments of `distill`. */
export interface DistillArgs {
  /** A trained classifier, such as the dense model: one output, classes along its last axis. */
  teacher: LayersModel;
  /** T, above 0: the larger, the more the teacher's second and third choices count. Default: 2. */
  temperature?: number;
  /** The share of the teacher's part in the loss, in [0, 1]. Default: 0.5. */
  alpha?: number;
  /** Whether teacher and student put out logits rather than probabilities. Default: `false`. */
  fromLogits?: boolean;
  /** The loss by the labels, a number a sample. Default: the categorical cross-entropy. */
  hardLoss?: LossFunction;
  /** Metrics by the labels: `'accuracy'`, or functions of one-hot labels and outputs. Default: `['accuracy']`. */
  metrics?: ReadonlyArray<'accuracy' | LossFunction>;
  /**
   * Whether `dataset` asks the teacher in the first epoch alone and keeps what
   * it said: for datasets with the same batches in the same order each epoch.
   * Default: `false`.
   */
  cache?: boolean;
  /** Layers of the student, by name, whose outputs are to come near those of layers of the teacher. */
  hints?: Hints;
  /** The model that learns, for `hints`. */
  student?: LayersModel;
  /** What the hints' mean squared distances count in the loss, above 0. Default: 1. */
  hintWeight?: number;
}

/** What `distill` gives, to compile and fit the student with. */
export interface Distillation {
  /** For `compile`; one for each output of `model` where there are hints. */
  loss: LossFunction | LossFunction[];
  /** For `compile`. */
  metrics: NonNullable<ModelCompileArgs['metrics']>;
  /** With hints, the model to compile and fit in place of the student, whose layers it shares. */
  model?: LayersModel;
  /**
   * The targets for `fit`, yours to dispose.
   *
   * @param x Inputs of the teacher.
   * @param y Labels, one-hot or numbers of classes.
   */
  targets(x: Inputs, y: Tensor, args?: {batchSize?: number}): Promise<Tensor | Tensor[]>;
  /** `dataset` with targets in place of its labels, for `fitDataset`. */
  dataset(dataset: SampleDataset): Parameters<LayersModel['evaluateDataset']>[0];
  /** Frees what is cached, and what `model` has beyond the student's layers. */
  dispose(): void;
}

/**
 * Trains a pruned model, the student, by what a dense one, the teacher, says of
 * each sample, beside the labels (Hinton et al. 2015,
 * https://arxiv.org/abs/1503.02531):
 *
 *     L = alpha·T²·KL(softmax(z_teacher/T) ‖ softmax(z_student/T)) + (1 − alpha)·L_labels
 *
 * The targets that it makes hold both, in the shape of the model's output; for
 * plain labels, as in validation, the loss is that of the labels. With `hints`
 * layers of the student are drawn to the teacher's too (Romero et al. 2015,
 * https://arxiv.org/abs/1412.6550).
 *
 * All of it runs on the device. The teacher is asked, never changed.
 *
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, a teacher of another shape, labels that are not one-hot, and an
 *   empty dataset.
 * @example
 * const {loss, metrics, targets} = distill({teacher: dense, temperature: 2, alpha: 0.5});
 * student.compile({optimizer: 'adam', loss, metrics});
 * await student.fit(x, await targets(x, y), {
 *   epochs: 4, callbacks: [pruner], validationData: [valX, valY],
 * });
 * @example
 * const {loss, metrics, dataset, dispose} = distill({teacher: dense, cache: true});
 * student.compile({optimizer: 'adam', loss, metrics});
 * await student.fitDataset(dataset(labelled), {epochs: 4, callbacks: [pruner]});
 * dispose();
 */
export function distill(args: DistillArgs): Distillation {
  checkOptions('distill', args, OPTIONS);
  const {teacher, student, temperature = 2, alpha = 0.5, fromLogits = false} = args;
  const {metrics = ['accuracy'], cache = false, hints, hintWeight = 1} = args;
  const {hardLoss = crossentropy(fromLogits)} = args;
  checkTeacher(teacher);
  checkAbove0('temperature', temperature);
  const isShare = typeof alpha === 'number' && alpha >= 0 && alpha <= 1;
  check(isShare, 'alpha', 'a number in [0, 1]', alpha);
  checkFlag('fromLogits', fromLogits);
  checkFlag('cache', cache);
  check(typeof hardLoss === 'function', 'hardLoss', 'a function of targets and outputs', hardLoss);
  checkMetrics(metrics);
  checkAbove0('hintWeight', hintWeight);
  checkHints(hints, student);
  if (student !== undefined) {
    checkSameOutput(teacher, student);
  }
  const hinted = hints && hintedModels(student!, teacher, hints);
  const tutor = new Teacher(hinted?.teacher ?? teacher, temperature, fromLogits);
  const datasets: TaughtDataset[] = [];
  const loss = distillationLoss({temperature, alpha, fromLogits, hardLoss});
  const measured = metrics.map((each) => (typeof each === 'string' ? each : ofLabels(each)));
  const share = hintWeight / Math.max(1, Object.keys(hints ?? {}).length);
  return {
    ...(hinted ? {model: hinted.student} : {}),
    loss: hinted ? hinted.student.outputs.map((_, i) => (i === 0 ? loss : hintLoss(share))) : loss,
    // tfjs takes a list for an output too, which its types do not say.
    metrics: hinted ? {[hinted.student.outputNames[0]]: measured as unknown as string} : measured,
    targets: (x, y, options = {}) => makeTargets(tutor, x, y, options),
    dataset: (inner) => {
      const dataset = new TaughtDataset(tutor, inner, cache);
      datasets.push(dataset);
      return dataset;
    },
    dispose: () => {
      datasets.forEach((dataset) => dataset.dispose());
      hinted?.dispose();
    },
  };
}

async function makeTargets(
  teacher: Teacher,
  x: Inputs,
  y: Tensor,
  options: {batchSize?: number},
): Promise<Tensor | Tensor[]> {
  checkOptions('targets', options, ['batchSize']);
  const {batchSize = 128} = options;
  checkInteger('batchSize', batchSize, 1);
  const isTensor = (each: unknown) => typeof Object(each).dataId === 'object';
  check([x].flat().every(isTensor), 'x', 'a tensor, or one for each input', x);
  check(isTensor(y), 'y', 'a tensor of labels', y);
  check(firstOf(x).shape[0] > 0, 'x', 'at least one sample', 'none');
  const labels = teacher.labels(x, y);
  try {
    const watch = new LabelWatch();
    watch.look(labels);
    await watch.throwIfNotOneHot();
    const targets = teacher.targets(x, labels, batchSize);
    return targets.length === 1 ? targets[0] : targets;
  } finally {
    if (labels !== y) {
      labels.dispose();
    }
  }
}

const OPTIONS = [
  'teacher',
  'temperature',
  'alpha',
  'fromLogits',
  'hardLoss',
  'metrics',
  'cache',
  'hints',
  'student',
  'hintWeight',
] as const;

function checkFlag(argument: string, value: unknown): void {
  check(typeof value === 'boolean', argument, 'true or false', value);
}

function checkTeacher(teacher: unknown): asserts teacher is LayersModel {
  checkModel(teacher, 'teacher');
  const shapes = teacher.outputs.map(({shape}) => `[${shape}]`).join(' and ');
  const [{shape}] = teacher.outputs;
  check(
    teacher.outputs.length === 1 && (shape[shape.length - 1] ?? 0) >= 2,
    'teacher',
    'a model with one output of at least 2 classes along its last axis',
    shapes,
  );
}

function checkSameOutput(teacher: LayersModel, student: LayersModel): void {
  const [theirs, ours] = [teacher, student].map(({outputs}) =>
    outputs.map(({shape}) => `[${shape}]`).join(' and '),
  );
  check(theirs === ours, 'teacher', `a model with the student's output, ${ours}`, theirs);
}

function checkMetrics(metrics: unknown): void {
  check(
    Array.isArray(metrics) &&
      metrics.every((each) => each === 'accuracy' || typeof each === 'function'),
    'metrics',
    `a list of 'accuracy' and functions, such as tf.metrics.categoricalCrossentropy`,
    metrics,
  );
}

function checkHints(hints: unknown, student: unknown): void {
  if (student !== undefined) {
    checkModel(student, 'student');
  }
  if (hints !== undefined) {
    check(
      typeof hints === 'object' && hints !== null && Object.keys(hints).length > 0,
      'hints',
      'a map from names of layers of the student to names of layers of the teacher',
      hints,
    );
    check(student !== undefined, 'student', 'the model that learns, for hints', student);
  }
}
