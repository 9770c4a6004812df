import {check} from '../../base/check';
import type {SparsitySink} from './entry';

/** The methods of `tf.node.summaryFileWriter(logdir)` that are used. */
export interface SummaryWriter {
  /** Adds the point `value` at `step` to the line of this name. */
  scalar(name: string, value: number, step: number): void;
  /** Writes buffered points to the file. */
  flush(): void;
}

/**
 * Writes scalars for TensorBoard, at the optimizer's step: `sparsity` for the
 * model, `sparsity/dense_1/kernel` and `threshold/dense_1/kernel` for a weight.
 */
export function tensorBoardSink(writer: SummaryWriter): SparsitySink {
  const {scalar, flush} = Object(writer) as Partial<SummaryWriter>;
  check(
    typeof scalar === 'function' && typeof flush === 'function',
    'tensorBoard',
    'a writer with scalar() and flush(), such as tf.node.summaryFileWriter(logdir) makes',
    writer,
  );
  return {
    write({step, sparsity, weights}) {
      writer.scalar('sparsity', sparsity, step);
      for (const {name, sparsity, threshold} of weights) {
        writer.scalar(`sparsity/${name}`, sparsity, step);
        if (threshold !== null) {
          writer.scalar(`threshold/${name}`, threshold, step);
        }
      }
      writer.flush();
    },
  };
}
