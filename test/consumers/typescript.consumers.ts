import {Consumer} from './install';

const USER = `
import type {Sequential} from '@tensorflow/tfjs-layers';
import {PolynomialDecay, PruningError, sparsityReport, type SparsityReport} from 'tfjs-prune';
import {compressed} from 'tfjs-prune/io';
import {packed} from 'tfjs-prune/load';
import {fileSystem} from 'tfjs-prune/node';
import {registerChannelRule} from 'tfjs-prune/rules';
import {sparsify} from 'tfjs-prune/sparse';
import {replaceSlowKernels} from 'tfjs-prune/wasm';

export async function use(model: Sequential): Promise<string> {
  const schedule = {initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 1};
  const pruner = new PolynomialDecay(schedule);
  await model.fitDataset({} as never, {epochs: 1, callbacks: [pruner]});
  const report: SparsityReport = await sparsityReport(model);
  const zeros: number = report.zeros;
  // @ts-expect-error: the types are there, and are not any.
  const wrong: string = report.zeros;
  await model.save(compressed(fileSystem('x')));
  void [wrong, packed, registerChannelRule, replaceSlowKernels, sparsify];
  return new PruningError('a', 'b', zeros).message;
}
`;

describe('TypeScript', () => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = new Consumer(['typescript@5.9.3', '@types/node@20.19.43']);
    consumer.write({'user.ts': USER, 'user.mts': USER, 'user.cts': USER});
  });
  afterAll(() => consumer.remove());

  it.each([
    ['node10', 'commonjs', 'user.ts'],
    ['node16', 'node16', 'user.cts'],
    ['node16', 'node16', 'user.mts'],
    ['nodenext', 'nodenext', 'user.cts'],
    ['nodenext', 'nodenext', 'user.mts'],
    ['bundler', 'esnext', 'user.ts'],
  ])('finds the types with moduleResolution %s, module %s, in %s', (resolution, module, file) => {
    const options = ['--strict', '--noEmit', '--skipLibCheck', '--target', 'es2022'];
    consumer.tool(
      'tsc',
      ...options,
      ...['--lib', 'es2022,dom', '--moduleResolution', resolution, '--module', module, file],
    );
  });

  it('finds no fault in the declarations themselves', () => {
    const args = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2022,dom'];
    const faults = run(consumer, [...args, '--module', 'nodenext', 'user.mts']);
    expect(faults.filter((line) => line.includes('tfjs-prune'))).toEqual([]);
  });
});

/** The lines that tsc prints. tfjs's own declarations have faults. */
function run(consumer: Consumer, args: string[]): string[] {
  try {
    return consumer.tool('tsc', ...args).split('\n');
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
}
