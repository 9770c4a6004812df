import {PruningError} from '../base/errors';
import {listed} from '../base/listed';
import type {FoundWeight} from './layer_walk';

type Layer = FoundWeight['layer'];

/** What can be chosen: a weight, channels that go together, or layers that do. */
export interface Choosable {
  /** The paths of its layers. */
  readonly paths: readonly string[];
  /** Its layers, and those around them as far as they are known. */
  readonly layers: readonly Layer[];
  /** Of a weight, its own name. */
  readonly own?: string;
  /** Whether a name of its layer does not mean it, only its own does. */
  readonly isOnRequest?: boolean;
  /** False for what is frozen. */
  readonly trains?: boolean;
}

/** A weight to choose from. */
export interface Candidate extends FoundWeight {
  /** Whether a name of its layer does not mean it, only its own does. */
  readonly isOnRequest?: boolean;
  /** False for what is frozen. */
  readonly trains?: boolean;
  /** False for weights that count only when their layer is named. */
  readonly byDefault: boolean;
}

/** What errors call the layers that have candidates. */
export interface CandidateKind {
  readonly one: string;
  readonly all: string;
}

/** Whether an item does not train. */
export function isFrozen({trains}: Choosable): boolean {
  return trains === false;
}

/** Whether a weight is chosen where nothing is said of its layer. */
export function isUsual(weight: Candidate): boolean {
  return weight.byDefault && !isFrozen(weight);
}

/** The names of items, as errors show them. */
export function pathsOf(items: readonly Choosable[]): string[] {
  return [...new Set(items.filter((item) => !item.isOnRequest).map(({paths: [path]}) => path))];
}

/** Throws where nothing is `chosen` of `candidates`. */
export function checkSome(
  chosen: readonly Candidate[],
  candidates: readonly Candidate[],
  {one}: CandidateKind,
): void {
  if (chosen.length === 0) {
    const frozen = candidates.some(isFrozen) ? ', of which some are frozen' : '';
    const names = listed(pathsOf(candidates));
    const received = names ? `none of ${names}${frozen}` : 'a model without one';
    throw new PruningError('layers', `at least one ${one}`, received);
  }
}
