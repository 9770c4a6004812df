import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, renameSync, rmSync} from 'node:fs';
import {join} from 'node:path';

const CACHE = join('.cache', 'published');

/** The folder of what npm has published as `name@version`, fetched when first asked for. */
export function published(name: string): string {
  const folder = join(CACHE, name.replace('/', '-'));
  if (existsSync(folder)) {
    return folder;
  }
  console.log(`Fetching ${name}.`);
  mkdirSync(CACHE, {recursive: true});
  // Unpacked somewhere else, and moved to its place whole.
  const staging = mkdtempSync(join(CACHE, 'fetching-'));
  try {
    run('npm', ['pack', name, '--silent', '--pack-destination', staging]);
    run('sh', ['-c', 'tar xzf *.tgz'], staging);
    renameSync(join(staging, 'package'), folder);
  } finally {
    rmSync(staging, {recursive: true, force: true});
  }
  return folder;
}

function run(command: string, args: string[], cwd?: string): void {
  const {status, error} = spawnSync(command, args, {cwd, stdio: 'inherit'});
  if (status !== 0) {
    throw error ?? new Error(`${command} ${args.join(' ')} ended with ${status}.`);
  }
}
