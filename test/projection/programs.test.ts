import {runProgram} from './random_program';

it('holds in 40 random programs what is pruned, and leaves nothing behind', async () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  for (let seed = 1; seed <= 40; ++seed) {
    await runProgram(seed);
  }
  warn.mockRestore();
});
