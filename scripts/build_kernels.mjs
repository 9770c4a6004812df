/**
 * Compiles the kernels of `lib/kernels/assembly` to `prediction_binary.ts` and
 * `training_binary.ts` in `lib/kernels`. With `--check` it writes nothing, and fails where
 * these do not belong together.
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
/** The files in `assembly/` that export kernels, and what their code is called. */
const MODULES = [
  {source: 'predictions', target: 'prediction_binary', name: 'PREDICTION_BINARY'},
  {source: 'training', target: 'training_binary', name: 'TRAINING_BINARY'},
];

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

/** The code of a module. */
function compile(source) {
  const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
  try {
    const binary = join(folder, 'kernels.wasm');
    const args = [compiler(), `lib/kernels/assembly/${source}.ts`, '-o', binary, ...FLAGS];
    execFileSync(process.execPath, args, {cwd: root, stdio: 'inherit'});
    return readFileSync(binary);
  } finally {
    rmSync(folder, {recursive: true});
  }
}

for (const {source, target, name} of MODULES) {
  // Compressed, this is shorter than base64: bytes that repeat do so in the text.
  const hex = compile(source).toString('hex');
  const text = `/** \`assembly/${source}.ts\`, compiled by \`npm run build:kernels\`; hexadecimal. */
export const ${name} =
  '${hex}';
`;
  const file = `lib/kernels/${target}.ts`;
  const path = join(root, file);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`${file} is not what lib/kernels/assembly compiles to.`);
    console.error('Run `npm run build:kernels`.');
    process.exitCode = 1;
  }
}
