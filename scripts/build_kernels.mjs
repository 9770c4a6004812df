/**
 * Compiles the kernels of `lib/kernels/assembly` to `lib/kernels/binary.ts`. With
 * `--check` it writes nothing, and fails where the two do not belong together.
 *
 * AssemblyScript takes 100 MB, so it is no dependency: it is installed to `.cache`
 * the first time.
 */
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const VERSION = '0.28.20';
const FLAGS = [
  ['--importMemory', '--noExportMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  // No heap, no stack, no checks: the memory is that of tfjs.
  ['--runtime', 'stub', '--noAssert', '--use', 'abort=', '--enable', 'simd', '-O3', '--converge'],
].flat();

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, 'lib/kernels/binary.ts');

/** The path of the compiler. */
function compiler() {
  const home = join(root, '.cache', `assemblyscript-${VERSION}`);
  const path = join(home, 'node_modules/assemblyscript/bin/asc.js');
  if (!existsSync(path)) {
    mkdirSync(home, {recursive: true});
    const quiet = ['--no-save', '--no-audit', '--no-fund', '--loglevel', 'error'];
    const install = ['install', '--prefix', home, ...quiet, `assemblyscript@${VERSION}`];
    execFileSync('npm', install, {cwd: home, stdio: ['ignore', 'ignore', 'inherit']});
  }
  return path;
}

function compile() {
  const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
  try {
    const binary = join(folder, 'kernels.wasm');
    const args = [compiler(), 'lib/kernels/assembly/index.ts', '-o', binary, ...FLAGS];
    execFileSync(process.execPath, args, {cwd: root, stdio: 'inherit'});
    return readFileSync(binary);
  } finally {
    rmSync(folder, {recursive: true});
  }
}

const base64 = compile().toString('base64');
const source = `/** The kernels of \`assembly/\`, compiled by \`npm run build:kernels\`; base64. */
export const BINARY =
  '${base64}';
`;
if (!process.argv.includes('--check')) {
  writeFileSync(target, source);
} else if (!existsSync(target) || readFileSync(target, 'utf8') !== source) {
  console.error('lib/kernels/binary.ts is not what lib/kernels/assembly compiles to.');
  console.error('Run `npm run build:kernels`.');
  process.exitCode = 1;
}
