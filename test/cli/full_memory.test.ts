import {runProgram} from '../../lib/cli/program';

jest.mock('../../lib/cli/model_file', () => ({
  ...jest.requireActual<object>('../../lib/cli/model_file'),
  readModel: () => Promise.reject(new WebAssembly.RuntimeError('memory access out of bounds')),
}));

it('says that memory is full where WebAssembly fails', async () => {
  const errors: unknown[] = [];
  jest.spyOn(console, 'error').mockImplementation((line) => void errors.push(line));
  expect(await runProgram(['inspect', 'model'], '0.0.0')).toBe(2);
  expect(errors).toEqual([
    "error: the 4 GB of WebAssembly's memory are probably full (memory access out of bounds)",
  ]);
});
