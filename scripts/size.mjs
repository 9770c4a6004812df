/**
 * Measures the built package against its budgets, and fails over one:
 * `npm run build` comes first.
 */
import {execFileSync} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';

import {buildSync} from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bytes of what a bundler for browsers makes of `contents`, minified, after gzip -9. */
function bundled(contents) {
  const {outputFiles} = buildSync({
    stdin: {contents, resolveDir: root},
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

function packed() {
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [{size}] = JSON.parse(execFileSync('npm', pack, {cwd: root, encoding: 'utf8'}));
  return size;
}

const sizes = [
  ['bundle of one callback', bundled(`export {PolynomialDecay} from 'tfjs-prune'`), 12],
  ['bundle of the loader', bundled(`export {packed} from 'tfjs-prune/load'`), 4],
  // With source maps: nobody loads it whole.
  ['packed package', packed(), 800],
];
for (const [what, bytes, budget] of sizes) {
  const isOver = bytes > budget * 1000;
  console.log(
    `${what}: ${(bytes / 1000).toFixed(1)} kB of ${budget}${isOver ? ', too large' : ''}`,
  );
  process.exitCode ||= Number(isOver);
}
