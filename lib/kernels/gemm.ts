import type {KernelSession} from './session';
import {trainingKernels} from './training_kernels';

/** Bytes of scratch that a product of dense matrices takes. */
export const GEMM_BYTES = (256 * (512 + 64) + 32) * 4;

/** c[rows, columns] = a * b, or c + a * b; addresses in the backend's memory. */
export interface DenseProduct {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Whether to add to what is there. */
  readonly add?: boolean;
}

/** Multiplies two dense matrices, either of which may be transposed. */
export function gemm(session: KernelSession, scratch: number, product: DenseProduct): void {
  const {rows, columns, depth, a, b, c} = product;
  const {transposeA = false, transposeB = false, add = false} = product;
  trainingKernels(session).gemm(
    ...[Number(transposeA), Number(transposeB), rows, columns, depth],
    ...[a, b, c, Number(add), scratch],
  );
}
