import {check, checkChoice, checkInteger, checkOptions, checkSparsity} from '../../base/check';
import {chanceAt} from '../../base/random';
import {checkNoSparsities} from '../../model/layer_selection';
import {checkRegrowthArgs, type Regrowth, type WeightSnapshot} from '../../projection/regrowth';
import {resolveSchedule, type ScheduleArgs} from '../../schedule/choose';
import {constantSparsity} from '../../schedule/constant';
import {cosineDecay} from '../../schedule/cosine';
import type {DecayArgs} from '../../schedule/decay';
import type {Schedule} from '../../schedule/schedule';
import {TIMING_OPTIONS, type TimingArgs} from '../../schedule/timing';
import {usualFrequency} from '../../schedule/updates';
import {belowThreshold} from '../below_threshold';
import {hysteresis} from '../hysteresis';
import type {SelectionArgs} from '../selection';
import type {Cut} from '../weight_group';
import {Exchanger} from './exchanger';

/** What all methods of `DynamicSparsity` take. */
interface DynamicArgs extends Pick<SelectionArgs, 'layers' | 'criterion' | 'seed'>, TimingArgs {
  /**
   * Steps between two updates of the masks, at least 1. Default: a twentieth of the way
   * from `beginStep` to `endStep` (RigL and SET: to `stopStep`), at most 100.
   */
  frequency?: number;
}

/** Options that both kinds of surgery share. */
interface SurgeryArgs extends DynamicArgs {
  /** Prunes gradually; weights come back when their dense copies have grown again. */
  method: 'surgery';
  /**
   * Hysteresis around the cut t: a kept weight is pruned below (1 − margin)·t, and a
   * pruned one comes back above (1 + margin)·t; in [0, 1). Default: 0.1.
   */
  margin?: number;
  /**
   * γ in the probability (1 + γ·(t − beginStep))⁻¹ that a due update takes place, at
   * least 0. The first and the last update always take place. Default: 0.
   */
  annealing?: number;
}

interface ScheduledSurgeryOptions
  extends SurgeryArgs, Pick<SelectionArgs, 'scope' | 'minKeep' | 'structure'> {
  /**
   * Last step with an update, at least `endStep`; weights can come back until then.
   * Default: `endStep`.
   */
  stopStep?: number;
  frequency?: number;
}

/** `DynamicSparsity` with the method `'surgery'`, to the sparsity of a decay or a `schedule`. */
export type ScheduledSurgeryArgs = ScheduledSurgeryOptions & (DecayArgs | ScheduleArgs);

/**
 * Options of `DynamicSparsity` with the method `'surgery'` and a threshold from the
 * spread of each layer.
 */
export interface ThresholdSurgeryArgs extends SurgeryArgs {
  /** The cut is t = mean + rate·deviation of the layer's magnitudes, including pruned ones. */
  threshold: {
    /** Number of standard deviations above the mean; may be negative. */
    rate: number;
  };
  /** Step of the first update, at least 0. */
  beginStep: number;
  /** Last step with an update, at least `beginStep`. */
  endStep: number;
}

/** Options of `DynamicSparsity` with a method that is sparse from the first step to the last. */
export interface SparseTrainingArgs extends DynamicArgs, Pick<SelectionArgs, 'scope'> {
  /** Which weights grow back: those with large gradients (`'rigl'`) or random ones (`'set'`). */
  method: 'rigl' | 'set';
  /** The sparsity, in [0, 1), constant throughout the training. */
  sparsity: number;
  /** Step at which training begins, at least 0. Default: 0. */
  beginStep?: number;
  /** Step at which training ends. */
  endStep: number;
  /** Last step with an update, from `beginStep` to `endStep`. Default: three quarters of the way. */
  stopStep?: number;
  /** α: the share of the kept weights that the first update moves, in [0, 1). Default: 0.3. */
  alpha?: number;
  /** The start value of weights that come back. Default: `'zero'` for RigL, `'random'` for SET. */
  regrow?: Regrowth;
  /** The snapshot for `regrow: 'rewound'`, from `snapshotWeights`. */
  snapshot?: WeightSnapshot;
}

/** Arguments of `DynamicSparsity`. */
export type DynamicSparsityArgs = ScheduledSurgeryArgs | ThresholdSurgeryArgs | SparseTrainingArgs;

/** A method of `DynamicSparsity`, with all its defaults. */
export interface Dynamics {
  /** The sparsity, and when it changes. */
  readonly schedule: Schedule;
  /** Last step at which weights come back. */
  readonly stopStep: number;
  /** Whether chance lets an update happen that is due. */
  readonly isDrawn: (step: number) => boolean;
  /** Where pruned weights compete with the others. */
  readonly cut: Cut | undefined;
  /** Where connections move. */
  readonly exchanger: Exchanger | null;
  readonly selection: SelectionArgs & TimingArgs;
}

/** `args` as a method. Throws where one is not as it should be. */
export function resolveDynamics(args: DynamicSparsityArgs): Dynamics {
  const given: unknown = args;
  check(typeof given === 'object' && given !== null, OWNER, 'an object of options', given);
  checkChoice('method', args.method, ['surgery', 'rigl', 'set']);
  if (args.method !== 'surgery') {
    return sparseTraining(args);
  }
  return 'threshold' in args ? thresholdSurgery(args) : scheduledSurgery(args);
}

const OWNER = 'DynamicSparsity';
const SHARED = ['method', 'layers', 'criterion', 'seed', 'frequency'];
const STEPS = ['beginStep', 'endStep', 'stopStep'];
const SURGERY = ['margin', 'annealing', 'threshold'];
const SCHEDULED = [
  'schedule',
  'initialSparsity',
  'finalSparsity',
  'power',
  'scope',
  'minKeep',
  'structure',
];
const SPARSE = ['sparsity', 'alpha', 'regrow', 'snapshot', 'scope'];

function scheduledSurgery(args: ScheduledSurgeryArgs): Dynamics {
  checkOptions(OWNER, args, [...SHARED, ...TIMING_OPTIONS, ...STEPS, ...SURGERY, ...SCHEDULED]);
  const schedule = resolveSchedule(args);
  const {endStep} = schedule.updates;
  const {stopStep = endStep, scope, minKeep, structure} = args;
  if (stopStep !== Infinity) {
    checkInteger('stopStep', stopStep, endStep);
  }
  return {
    ...surgery(args, schedule, stopStep),
    selection: {...shared(args), scope, minKeep, structure},
  };
}

function thresholdSurgery(args: ThresholdSurgeryArgs): Dynamics {
  checkOptions(OWNER, args, [...SHARED, ...TIMING_OPTIONS, 'beginStep', 'endStep', ...SURGERY]);
  const {threshold, beginStep, endStep} = args;
  checkOptions('threshold', threshold, ['rate']);
  const isRate = typeof threshold.rate === 'number' && Number.isFinite(threshold.rate);
  check(isRate, 'threshold.rate', 'a finite number', threshold.rate);
  checkInteger('beginStep', beginStep, 0);
  checkInteger('endStep', endStep, beginStep);
  const {frequency = usualFrequency(beginStep, endStep)} = args;
  checkInteger('frequency', frequency, 1);
  checkNoSparsities(args.layers);
  const schedule = constantSparsity({sparsity: 0, beginStep, endStep, frequency});
  return {
    ...surgery(args, schedule, endStep, belowThreshold(threshold)),
    selection: shared(args),
  };
}

function surgery(
  {margin = 0.1, annealing = 0, seed = 1}: SurgeryArgs,
  schedule: Schedule,
  stopStep: number,
  cut?: Cut,
): Pick<Dynamics, 'schedule' | 'stopStep' | 'isDrawn' | 'cut' | 'exchanger'> {
  checkSparsity('margin', margin);
  const isRate = typeof annealing === 'number' && Number.isFinite(annealing) && annealing >= 0;
  check(isRate, 'annealing', 'a finite number of at least 0', annealing);
  const {beginStep, endStep} = schedule.updates;
  const always = [beginStep, endStep, stopStep];
  return {
    schedule,
    stopStep,
    isDrawn: (step) =>
      always.includes(step) || chanceAt(seed, step) < 1 / (1 + annealing * (step - beginStep)),
    cut: hysteresis(margin, cut),
    exchanger: null,
  };
}

function sparseTraining(args: SparseTrainingArgs): Dynamics {
  checkOptions(OWNER, args, [...SHARED, ...TIMING_OPTIONS, ...STEPS, ...SPARSE]);
  const {method, sparsity, beginStep = 0, endStep} = args;
  const {alpha = 0.3, scope = 'layer', criterion = 'random', seed = 1} = args;
  // A weight without a gradient would stay at zero, and chance asks for none.
  const {regrow = method === 'rigl' ? 'zero' : 'random'} = args;
  checkSparsity('sparsity', sparsity);
  checkInteger('beginStep', beginStep, 0);
  checkInteger('endStep', endStep, beginStep);
  const {stopStep = beginStep + Math.round(0.75 * (endStep - beginStep))} = args;
  checkInteger('stopStep', stopStep, beginStep);
  check(stopStep <= endStep, 'stopStep', `at most endStep (${endStep})`, stopStep);
  const {frequency = usualFrequency(beginStep, stopStep)} = args;
  checkInteger('frequency', frequency, 1);
  checkSparsity('alpha', alpha);
  const regrowth = {regrowth: regrow, argument: 'regrow', snapshot: args.snapshot};
  checkRegrowthArgs(regrowth);
  checkChoice('scope', scope, ['layer', 'erk']);
  const decay = cosineDecay(alpha, stopStep - beginStep);
  return {
    schedule: constantSparsity({sparsity, beginStep, endStep: stopStep, frequency}),
    stopStep,
    isDrawn: () => true,
    cut: undefined,
    exchanger: new Exchanger({
      growBy: method === 'rigl' ? 'gradient' : 'random',
      share: (step) => decay(step - beginStep),
      regrowth,
      seed,
    }),
    selection: {...shared(args), scope, criterion},
  };
}

function shared({
  layers,
  criterion,
  seed,
  resume,
  unit,
  normalization,
}: DynamicArgs): Dynamics['selection'] {
  return {layers, criterion, seed, resume, unit, normalization};
}
