import {PruningError} from '../../../lib/index';
import {consoleSink, formatLine, formatTable} from '../../../lib/report/logger/console';
import {ENTRY} from './entries';

const LINE =
  'epoch 2, step 8: sparsity 0.3750, dense_0/kernel 0.5000 (threshold 0.2500), ' +
  'dense_10/recurrent_kernel 0.0000';

const TABLE = `
epoch 2, step 8            size  zeros  sparsity  threshold
dense_0/kernel               24     12    0.5000     0.2500
dense_10/recurrent_kernel     8      0    0.0000
all                          32     12    0.3750`.slice(1);

describe('formatLine', () => {
  it('gives the whole model, then each weight', () => {
    expect(formatLine(ENTRY)).toBe(LINE);
  });
});

describe('formatTable', () => {
  it('aligns names to the left and numbers to the right', () => {
    expect(formatTable(ENTRY)).toBe(TABLE);
  });

  it('shows small and large thresholds with four digits', () => {
    const thresholds = (threshold: number) =>
      formatTable({...ENTRY, weights: [{...ENTRY.weights[0], threshold}]}).split('\n')[1];
    expect(thresholds(1.23456e-9)).toMatch(/ 1\.235e-9$/);
    expect(thresholds(12.3456)).toMatch(/ 12\.35$/);
    expect(thresholds(NaN)).toMatch(/ NaN$/);
  });

  it('widens its columns for large numbers', () => {
    const weight = {...ENTRY.weights[0], size: 123456789, zeros: 123456789, sparsity: 1};
    const rows = formatTable({...ENTRY, weights: [weight]}).split('\n');
    expect(rows[0].indexOf('threshold')).toBe(rows[1].length - 'threshold'.length);
    expect(rows[2]).toMatch(/^all +123456789 +123456789 +0\.3750$/);
  });
});

describe('consoleSink', () => {
  let log: jest.SpyInstance;
  const stdout = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY');
  const pretendTerminal = (isTTY: boolean) =>
    Object.defineProperty(process.stdout, 'isTTY', {value: isTTY, configurable: true});

  beforeEach(() => {
    log = jest.spyOn(console, 'log').mockImplementation();
  });

  afterEach(() => {
    log.mockRestore();
    if (stdout) {
      Object.defineProperty(process.stdout, 'isTTY', stdout);
    } else {
      Reflect.deleteProperty(process.stdout, 'isTTY');
    }
  });

  it('prints the table on a terminal', () => {
    pretendTerminal(true);
    consoleSink(true).write(ENTRY);
    expect(log.mock.calls).toEqual([[TABLE]]);
  });

  it('prints the line elsewhere', () => {
    pretendTerminal(false);
    consoleSink(true).write(ENTRY);
    expect(log.mock.calls).toEqual([[LINE]]);
  });

  it('prints the line in a browser', () => {
    const former = globalThis.process;
    Object.defineProperty(globalThis, 'process', {value: undefined, configurable: true});
    try {
      consoleSink(true).write(ENTRY);
    } finally {
      Object.defineProperty(globalThis, 'process', {value: former, configurable: true});
    }
    expect(log.mock.calls).toEqual([[LINE]]);
  });

  it('hands the line to a function, on a terminal too', () => {
    pretendTerminal(true);
    const lines: string[] = [];
    consoleSink((line) => lines.push(line)).write(ENTRY);
    expect(lines).toEqual([LINE]);
    expect(log).not.toHaveBeenCalled();
  });

  it('refuses anything else', () => {
    const sink = () => consoleSink('log' as unknown as true);
    expect(sink).toThrow(PruningError);
    expect(sink).toThrow('console: expected true, false or a function that takes a line');
  });
});
