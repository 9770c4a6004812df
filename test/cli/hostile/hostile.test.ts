import {spawnSync} from 'node:child_process';
import {join} from 'node:path';

it('ends 250 commands with damaged files in an exit code and one line', () => {
  const main = join(__dirname, 'main.ts');
  const {status, stdout} = spawnSync(process.execPath, ['--import', 'tsx', main, '250', '1'], {
    encoding: 'utf8',
  });
  expect(stdout).toContain('seeds 1 to 250: 0 faults');
  expect(status).toBe(0);
  // Damaged files are refused, and some are still models.
  expect(stdout).toMatch(/compare: 2/);
  expect(stdout).toMatch(/prune: 0/);
});
