import {PruningError} from '../../../lib/index';
import {tensorBoardSink, type SummaryWriter} from '../../../lib/report/logger/tensor_board';
import {ENTRY} from './entries';

describe('tensorBoardSink', () => {
  it('writes a scalar for each number at the step, then flushes', () => {
    const calls: unknown[] = [];
    tensorBoardSink({
      scalar: (...call) => calls.push(call),
      flush: () => calls.push('flush'),
    }).write(ENTRY);
    expect(calls).toEqual([
      ['sparsity', 0.375, 8],
      ['sparsity/dense_0/kernel', 0.5, 8],
      ['threshold/dense_0/kernel', 0.25, 8],
      ['sparsity/dense_10/recurrent_kernel', 0, 8],
      'flush',
    ]);
  });

  it('calls the methods on the writer', () => {
    class Writer implements SummaryWriter {
      tags: string[] = [];
      scalar(name: string): void {
        this.tags.push(name);
      }
      flush(): void {
        this.tags.push('flush');
      }
    }
    const writer = new Writer();
    tensorBoardSink(writer).write(ENTRY);
    expect(writer.tags).toHaveLength(5);
  });

  it.each([['logs'], [null], [{scalar: () => {}}], [{flush: () => {}}], [{scalar: 1, flush: 2}]])(
    'refuses %p',
    (writer) => {
      const sink = () => tensorBoardSink(writer as unknown as SummaryWriter);
      expect(sink).toThrow(PruningError);
      expect(sink).toThrow(
        'tensorBoard: expected a writer with scalar() and flush(), such as ' +
          'tf.node.summaryFileWriter(logdir) makes, but got',
      );
    },
  );
});
