import {PassThrough} from 'node:stream';

import type {Candidate} from '../../lib/auto/candidate';
import type {AutoPruneProgress} from '../../lib/auto/progress';
import {showProgress} from '../../lib/cli/progress';
import {nameOf, TrialTable} from '../../lib/cli/trial_table';

const candidate = (sparsity: number, epochs = 3): Candidate => ({
  allocation: 'global',
  scoring: 'magnitude',
  rise: 0.6,
  sparsity,
  epochs,
});
const outcome = {metric: 0.97, drop: 0.0125, sparsity: 0.5, parameters: 10};

const progress = (change: Partial<AutoPruneProgress>): AutoPruneProgress => ({
  phase: 'training',
  measurements: {done: 8, total: 8},
  candidate: null,
  epoch: 0,
  epochsDone: 0,
  epochs: 18,
  secondsLeft: null,
  best: null,
  tried: [],
  running: [],
  ...change,
});

function terminalOf(isTTY: boolean): NodeJS.WriteStream & PassThrough {
  return Object.assign(new PassThrough(), {
    isTTY,
    columns: 120,
    rows: 40,
    cursorTo: () => true,
    moveCursor: () => true,
    clearLine: () => true,
  }) as unknown as NodeJS.WriteStream & PassThrough;
}

let lines: string[] = [];
beforeEach(() => {
  lines = [];
  jest.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => {
  showProgress(false);
  jest.restoreAllMocks();
});

it('names a candidate so that two are told apart', () => {
  expect(nameOf(candidate(0.9375))).toBe('93.75 % global magnitude, 3 epochs');
  expect(nameOf(candidate(0.5, 1))).toBe('50.00 % global magnitude, 1 epoch');
  expect(nameOf({...candidate(0.5), rise: 0.85})).toBe(
    '50.00 % global magnitude, rise 0.85, 3 epochs',
  );
});

it('prints a line for each trial where there is no terminal', () => {
  showProgress(true);
  const terminal = terminalOf(false);
  const table = new TrialTable('accuracy', terminal);
  table.show(progress({phase: 'sensitivity', measurements: {done: 3, total: 8}}));
  const first = {candidate: candidate(0.5), outcome};
  const failed = {...outcome, metric: NaN, drop: Infinity, failed: 'it took 9 s'};
  table.show(progress({tried: [first]}));
  table.show(progress({tried: [first]}));
  table.stop([first, {candidate: candidate(0.75), outcome: failed}]);
  expect(lines).toEqual([
    'Measured what each layer tolerates: 8 measurements.',
    '1. 50.00 % global magnitude, 3 epochs: accuracy 97.00 %, drop 1.25 points',
    '2. 75.00 % global magnitude, 3 epochs: failed (it took 9 s)',
  ]);
  expect(terminal.read()).toBeNull();
});

it('shows a bar for each trial that runs, with the time left', () => {
  showProgress(true);
  const terminal = terminalOf(true);
  const table = new TrialTable('loss', terminal);
  table.show(progress({phase: 'sensitivity', measurements: {done: 3, total: 8}}));
  const running = [
    {candidate: candidate(0.5), epoch: 1, secondsLeft: 75, isAhead: false},
    {candidate: candidate(0.75), epoch: 0, secondsLeft: null, isAhead: true},
  ];
  table.show(progress({epochsDone: 4, secondsLeft: 300, running}));
  table.show(progress({tried: [{candidate: candidate(0.5), outcome}], running: [running[1]]}));
  table.stop();
  const shown = String(terminal.read());
  expect(shown).toMatch(/Sensitivity of layers +\[.*\] 3\/8 measured/);
  expect(shown).toMatch(/All trials, at most +\[.*\] 4\/18 epochs 5 min 0 s left/);
  expect(shown).toMatch(/50\.00 % global magnitude, 3 epochs +\[.*\] 1\/3 epochs 1 min 15 s left/);
  expect(shown).toMatch(/75\.00 % global magnitude, 3 epochs +\[.*\] 0\/3 epochs, ahead/);
  expect(shown).toContain('1. 50.00 % global magnitude, 3 epochs: loss 0.9700, drop 0.0125');
  expect(lines).toEqual([]);
});
