import type {KernelSession} from '../../kernels/session';
import {chooseBlock} from '../../kernels/sparse/cost';
import type {Matrix} from '../../kernels/sparse/matrix';
import {sparseWeightsOf} from '../../kernels/sparse/registry';
import type {ModelWeight} from './layer_weights';

/** Rows or pixels for which the kernel of a report is chosen. */
const MANY_ROWS = 1024;

/** What `sparsify` did with a weight. */
export interface SparsifiedWeight {
  /** Path of the weight, `'dense_1/kernel'`; in a `GraphModel` its name. */
  readonly name: string;
  /** Its shape in the model. */
  readonly shape: number[];
  /** Number of its elements that are zero. */
  readonly zeros: number;
  /** The kernel that computes with it; `1x4` are blocks of 4 neighboring outputs. */
  readonly kernel: 'sparse' | 'sparse 1x2' | 'sparse 1x4' | 'dense';
  /** Why it is dense. */
  readonly reason?: string;
}

/** A weight of the model and its zeros. */
export interface CountedWeight extends ModelWeight {
  readonly zeros: number;
}

/** A weight that is registered, or not. */
export interface Held {
  readonly report: SparsifiedWeight;
  bytes(): number;
  release(): void;
}

/** Registers a weight for its sparse kernels, where these are quicker. */
export function hold(session: KernelSession, weight: CountedWeight, minSparsity: number): Held {
  const {tensor, zeros} = weight;
  const {dataId, size} = tensor;
  const outputs = tensor.shape[tensor.rank - 1];
  const matrix: Matrix = {inputs: size / outputs, outputs, transposed: false};
  const isDense = zeros < minSparsity * size;
  const reason =
    weight.reason ??
    (tensor.isDisposed ? 'disposed meanwhile' : undefined) ??
    (isDense ? `less than ${percent(minSparsity)} zeros` : undefined);
  if (reason !== undefined) {
    return dense({...weight, reason});
  }
  const registry = sparseWeightsOf(session);
  const sparse = registry.hold(dataId);
  const block = chooseBlock(matrix, sparse.countsOf(matrix), {rows: MANY_ROWS});
  if (block === undefined) {
    registry.release(dataId, sparse);
    return dense({...weight, reason: 'too small, or too few zeros, to gain'});
  }
  let isHeld = true;
  return {
    report: describe(weight, block === 1 ? 'sparse' : `sparse 1x${block}`),
    bytes: () => (isHeld && registry.get({dataId}) === sparse ? sparse.bytes(matrix, block) : 0),
    release: () => {
      if (isHeld) {
        isHeld = false;
        registry.release(dataId, sparse);
      }
    },
  };
}

function dense(weight: CountedWeight): Held {
  return {report: describe(weight), bytes: () => 0, release: () => {}};
}

/** What `sparsify` tells of a weight. */
export function describe(
  {name, tensor, zeros, reason}: CountedWeight,
  kernel: SparsifiedWeight['kernel'] = 'dense',
): SparsifiedWeight {
  const report = {name, shape: [...tensor.shape], zeros, kernel};
  return reason === undefined ? report : {...report, reason};
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
