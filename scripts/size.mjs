/**
 * Measures the built package against its budgets, and fails over one:
 * `npm run build` comes first.
 */
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';

import {buildSync} from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bytes of what a bundler for browsers makes of `contents`, minified, after gzip -9. */
function bundled(contents) {
  const {outputFiles} = buildSync({
    stdin: {contents, resolveDir: root},
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    external: ['@tensorflow/*'],
    write: false,
    logLevel: 'error',
  });
  return gzipSync(outputFiles[0].contents, {level: 9}).length;
}

/** Bytes of the modules of compiled kernels, after gzip -9. */
function kernels() {
  return ['prediction', 'training']
    .map((name) => readFileSync(new URL(`../lib/kernels/${name}_binary.ts`, import.meta.url)))
    .reduce((sum, source) => sum + gzipSync(source, {level: 9}).length, 0);
}

function packed() {
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [{size}] = JSON.parse(execFileSync('npm', pack, {cwd: root, encoding: 'utf8'}));
  return size;
}

/** What is measured, its bytes, the bar in kB, and in kB what it may not grow beyond where it misses that. */
const sizes = [
  ['bundle of one callback', bundled(`export {PolynomialDecay} from 'tfjs-prune'`), 12, 15.8],
  ['bundle of the loader', bundled(`export {packed} from 'tfjs-prune/load'`), 4],
  ['bundle of sparsify', bundled(`export {sparsify} from 'tfjs-prune/sparse'`), 16],
  ['kernels alone', kernels(), 10],
  // What counts is what users load, which the bundles hold.
  ['packed package', packed(), 800],
];
for (const [what, bytes, bar, most = bar] of sizes) {
  const isOver = (limit) => bytes > limit * 1000;
  const missed = isOver(bar) ? `, MISSED${isOver(most) ? ' and grown' : ''}` : '';
  console.log(`${what}: ${(bytes / 1000).toFixed(1)} kB, bar ${bar}${missed}`);
  process.exitCode ||= Number(isOver(most));
}
