import {check} from '../base/check';
import type {InputSpec} from './input_spec';
import type {Predictor} from './predictor';

type Model = Pick<Predictor, 'path' | 'inputs'>;

/** An input that two models share, as narrow as both together want it. */
export interface CommonInput extends InputSpec {
  /** The number of this model's input that the second one's input of the same number takes. */
  inSecond: number;
}

/** What to predict two models with. */
export interface CommonInputs {
  /** In the order of the first model. */
  inputs: CommonInput[];
  /** The size of a batch, where one of them has it fixed. */
  batch?: number;
}

/**
 * The inputs that both models take: the same by name where all names are, else by their order.
 *
 * @throws PruningError where they do not take the same.
 */
export function commonInputs(a: Model, b: Model): CommonInputs {
  const differ = (received: unknown): never => {
    const expected = `the inputs of ${a.path}, ${describe(a.inputs)}`;
    check(false, b.path, expected, received);
  };
  if (a.inputs.length !== b.inputs.length || a.inputs.length === 0) {
    differ(describe(b.inputs));
  }
  const names = a.inputs.map(({name}) => name);
  const areSameNames = b.inputs.every(({name}) => names.includes(name));
  // For each input of the second model the number of the first one's.
  const first = b.inputs.map(({name}, i) => (areSameNames ? names.indexOf(name) : i));
  const inputs = a.inputs.map((input, i) => {
    const other = b.inputs[first.indexOf(i)] ?? differ(describe(b.inputs));
    const shape = commonShape(input.shape, other.shape) ?? differ(describe(b.inputs));
    const dtype = [input, other].map((each) => each.dtype).find((each) => each !== 'float32');
    const below = Math.min(input.below ?? Infinity, other.below ?? Infinity);
    return {
      name: input.name,
      shape,
      dtype: dtype ?? 'float32',
      ...(below < Infinity ? {below} : {}),
      inSecond: first[i],
    };
  });
  const batches = new Set(inputs.flatMap(({shape}) => (isOpen(shape[0]) ? [] : [shape[0]])));
  check(batches.size <= 1, b.path, `one size of a batch with ${a.path}`, [...batches].join(', '));
  const [batch] = batches;
  return {inputs, ...(batch != null && batch > 0 ? {batch} : {})};
}

/** A shape that fits both; `undefined` where none does. An unknown one fits any. */
function commonShape(
  a: InputSpec['shape'] = undefined,
  b: InputSpec['shape'] = undefined,
): Array<number | null> | undefined {
  if (a === undefined || b === undefined) {
    return [...(a ?? b ?? [null])];
  }
  const fits = (size: number | null, i: number) => isOpen(size) || isOpen(b[i]) || size === b[i];
  return a.length === b.length && a.every(fits)
    ? a.map((size, i) => (isOpen(size) ? b[i] : size))
    : undefined;
}

function isOpen(size: number | null | undefined): boolean {
  return size == null || size < 0;
}

function describe(inputs: readonly InputSpec[]): string {
  return inputs.map(({name, shape, dtype}) => `${name} ${dtype} [${shape ?? ''}]`).join(', ');
}
