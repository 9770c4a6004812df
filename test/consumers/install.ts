import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';

const ROOT = join(__dirname, '../..');

/** What a command printed; where it fails, the error has all of it. */
export function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, {cwd, encoding: 'utf8', stdio: 'pipe'});
  } catch (error) {
    const {stdout, stderr} = error as {stdout?: string; stderr?: string};
    throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`, {cause: error});
  }
}

/** A folder of somebody's own with the packed package and `tools` in it. */
export class Consumer {
  readonly folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-consumer-'));

  constructor(tools: readonly string[]) {
    // What was built last: the script builds before the tests.
    run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', this.folder], ROOT);
    const tarball = readdirSync(this.folder).find((name) => name.endsWith('.tgz'));
    this.write({'package.json': '{"name": "consumer", "private": true}'});
    const options = ['--legacy-peer-deps', '--no-audit', '--no-fund', '--prefer-offline'];
    run('npm', ['install', ...options, `./${tarball}`, ...tools], this.folder);
    // The peers, from this checkout.
    for (const name of ['@tensorflow', '@webgpu', 'long', 'seedrandom']) {
      const own = join(ROOT, 'node_modules', name);
      const link = join(this.folder, 'node_modules', name);
      rmSync(link, {recursive: true, force: true});
      symlinkSync(own, link);
    }
  }

  write(files: {[path: string]: string}): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), {recursive: true});
      writeFileSync(join(this.folder, path), text);
    }
  }

  /** Runs a tool that is installed here. */
  tool(name: string, ...args: string[]): string {
    return run(join(this.folder, 'node_modules/.bin', name), args, this.folder);
  }

  node(file: string): string {
    return run('node', [file], this.folder);
  }

  remove(): void {
    rmSync(this.folder, {recursive: true, force: true});
  }
}
