import type {Tensor} from '@tensorflow/tfjs-core';
import {dispose} from '@tensorflow/tfjs-core';
import type {LayersModel, ModelCompileArgs} from '@tensorflow/tfjs-layers';

import {check, checkAbove0, checkInteger, checkOptions} from '../base/check';
import type {SampleDataset} from '../data/samples';
import {checkModel} from '../model/check_model';
import {TaughtDataset} from './dataset';
import {
  checkOutput,
  OUTPUT_OPTIONS,
  type OutputArgs,
  taughtOutputs,
  type WeightedOutputArgs,
} from './heads/heads';
import {hintedModels, type Hints} from './hints';
import {LabelWatch} from './label_watch';
import {hintLoss, type LossFunction, weighted} from './loss';
import {lossOfTargets} from './plain_labels';
import {firstOf, type Inputs, isTensor, type Labels, Teacher} from './teacher';

/** Arguments of `distill`. Those of `OutputArgs` hold for every output. */
export interface DistillArgs extends OutputArgs {
  /** A trained model, such as the dense one. */
  teacher: LayersModel;
  /** Of several outputs, by their names: what each has of its own, and its weight in the loss. */
  outputs?: Readonly<Record<string, WeightedOutputArgs>>;
  /**
   * Whether `dataset` asks the teacher only once for each sample and keeps its answers,
   * however often the samples come and in whatever batches. It keeps a few numbers per
   * sample, and the outputs of hints, in host memory. Default: `false`.
   */
  cache?: boolean;
  /**
   * Layers of the student, by name, each with the layer of the teacher whose outputs it
   * should approach.
   */
  hints?: Hints;
  /**
   * The model that learns. Needed for `hints`, and if its outputs have other names than
   * the teacher's.
   */
  student?: LayersModel;
  /** The weight of the mean squared distances of the hints in the loss, above 0. Default: 1. */
  hintWeight?: number;
}

/** The result of `distill`, to compile and fit the student with. */
export interface Distillation {
  /** The loss for `compile`; one for each output if the model has several. */
  loss: LossFunction | LossFunction[];
  /** The metrics for `compile`. */
  metrics: NonNullable<ModelCompileArgs['metrics']>;
  /**
   * With hints, the model to compile and fit instead of the student. It shares the
   * student's layers.
   */
  model?: LayersModel;
  /**
   * Makes the targets for `fit`; dispose them when you are done.
   *
   * @param x Inputs of the teacher.
   * @param y Labels; for several outputs, in a list or by name. Class labels are one-hot
   *   or indices.
   * @param args `batchSize`: samples per prediction of the teacher. Default: 128.
   */
  targets(x: Inputs, y: Labels, args?: {batchSize?: number}): Promise<Tensor | Tensor[]>;
  /** Returns `dataset` with targets instead of its labels, for `fitDataset`. */
  dataset(dataset: SampleDataset): Parameters<LayersModel['evaluateDataset']>[0];
  /** Frees the cached answers, and the parts of `model` that the student does not have. */
  dispose(): void;
}

/**
 * Trains a pruned model, the student, on the outputs of a dense model, the teacher, in
 * addition to the labels (Hinton et al. 2015, https://arxiv.org/abs/1503.02531):
 *
 *     L = alpha·T²·KL(softmax(z_teacher/T) ‖ softmax(z_student/T)) + (1 − alpha)·L_labels
 *
 * This is the loss for classes. For outputs of a sigmoid, KL compares yes and no for each
 * output, and is averaged over the outputs. For values, the targets lie between the
 * teacher's outputs and the labels. The losses of several outputs are added up.
 *
 * The targets combine both parts, in the shape of the model's output. For plain labels,
 * as in validation, the loss is only that of the labels. With `hints`, layers of the
 * student are also pulled toward those of the teacher (Romero et al. 2015,
 * https://arxiv.org/abs/1412.6550).
 *
 * Everything runs on the device. The teacher only predicts; it never changes.
 *
 * @throws PruningError for an argument out of its range, an unknown option or layer, a
 *   teacher of another shape, labels of a wrong form for their output, and an empty
 *   dataset.
 * @example
 * const {loss, metrics, targets} = distill({teacher: dense, temperature: 2, alpha: 0.5});
 * student.compile({optimizer: 'adam', loss, metrics});
 * await student.fit(x, await targets(x, y), {
 *   epochs: 4, callbacks: [pruner], validationData: [valX, valY],
 * });
 * @example
 * const {loss, metrics, dataset, dispose} = distill({teacher: dense, cache: true});
 * student.compile({optimizer: 'adam', loss, metrics});
 * await student.fitDataset(dataset(labeled), {epochs: 4, callbacks: [pruner]});
 * dispose();
 * @example
 * distill({
 *   teacher: dense,
 *   outputs: {kind: {temperature: 4}, price: {alpha: 0.8, weight: 0.1}},
 * });
 */
export function distill(args: DistillArgs): Distillation {
  checkOptions('distill', args, OPTIONS);
  const {teacher, student, outputs: own, cache = false, hints, hintWeight = 1, ...common} = args;
  checkModel(teacher, 'teacher');
  checkOutput(common);
  check(typeof cache === 'boolean', 'cache', 'true or false', cache);
  checkAbove0('hintWeight', hintWeight);
  checkHints(hints, student, teacher);
  const outputs = taughtOutputs(teacher, common, own);
  if (student !== undefined) {
    checkSameOutputs(teacher, student);
  }
  const hinted = hints && hintedModels(student!, teacher, hints);
  const tutor = new Teacher(hinted?.teacher ?? teacher, outputs);
  const datasets: TaughtDataset[] = [];
  const share = hintWeight / Math.max(1, Object.keys(hints ?? {}).length);
  const losses = outputs.map(({head, weight}) => weighted(lossOfTargets(head), weight));
  const ofHints = Object.keys(hints ?? {}).map(() => hintLoss(share));
  const isOne = outputs.length === 1 && !hinted;
  const names = (hinted?.student ?? student ?? teacher).outputNames;
  // tfjs takes a list for an output too, which its types do not say.
  const metrics = outputs.map((each) => each.metrics as unknown as string);
  return {
    ...(hinted ? {model: hinted.student} : {}),
    loss: isOne ? losses[0] : [...losses, ...ofHints],
    metrics: isOne ? metrics[0] : Object.fromEntries(metrics.map((each, i) => [names[i], each])),
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
  y: Labels,
  options: {batchSize?: number},
): Promise<Tensor | Tensor[]> {
  checkOptions('targets', options, ['batchSize']);
  const {batchSize = 128} = options;
  checkInteger('batchSize', batchSize, 1);
  check([x].flat().every(isTensor), 'x', 'a tensor, or one for each input', x);
  check(firstOf(x).shape[0] > 0, 'x', 'at least one sample', 'none');
  const labels = teacher.labels(x, y);
  try {
    const watch = new LabelWatch(teacher.outputs);
    watch.look(labels);
    await watch.throwIfWrong();
    const said = teacher.ask(x, batchSize);
    const targets = teacher.targets(labels, said);
    dispose(said);
    return targets.length === 1 ? targets[0] : targets;
  } finally {
    const given = isTensor(y) ? [y] : Object.values(y);
    dispose(labels.filter((each) => !given.includes(each)));
  }
}

const OPTIONS = [
  'teacher',
  'outputs',
  ...OUTPUT_OPTIONS,
  'cache',
  'hints',
  'student',
  'hintWeight',
] as const;

function checkSameOutputs(teacher: LayersModel, student: LayersModel): void {
  const [theirs, ours] = [teacher, student].map(({outputs}) =>
    outputs.map(({shape}) => `[${shape}]`).join(' and '),
  );
  check(theirs === ours, 'teacher', `a model with the student's output, ${ours}`, theirs);
}

function checkHints(hints: unknown, student: unknown, teacher: unknown): void {
  if (student !== undefined) {
    checkModel(student, 'student');
    check(student !== teacher, 'student', 'another model than the teacher', 'the same one');
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
