/**
 * Measures the built package against its budgets, and fails over one:
 * `npm run build` comes first.
 */
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';

import {buildSync, transformSync} from 'esbuild';
import {rollup} from 'rollup';

const root = fileURLToPath(new URL('..', import.meta.url));

const gzip = (code) => gzipSync(code, {level: 9}).length;

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
  return gzip(outputFiles[0].contents);
}

/**
 * The same of what goes on loading: the files that are loaded at once, without those that
 * an option or a warning asks for by `import()`. By Rollup, as Vite does it and much as
 * webpack does. esbuild cuts what is loaded at once into more and smaller files.
 */
async function loadedAtOnce(contents) {
  const entry = {
    name: 'entry',
    resolveId: (id) => (id === 'entry' ? `${root}entry.js` : null),
    load: (id) => (id === `${root}entry.js` ? contents : null),
  };
  const bundle = await rollup({
    input: 'entry',
    external: /^@tensorflow\//,
    plugins: [entry],
    preserveEntrySignatures: 'allow-extension',
    // As package.json says of all but a few files.
    treeshake: {moduleSideEffects: false},
  });
  const {output} = await bundle.generate({format: 'es'});
  // Grows while it is gone through.
  const files = new Set(output.filter(({isEntry}) => isEntry));
  for (const {imports} of files) {
    output.filter(({fileName}) => imports.includes(fileName)).forEach((each) => files.add(each));
  }
  return [...files]
    .map(({code}) => transformSync(code, {minify: true, treeShaking: true, format: 'esm'}).code)
    .reduce((sum, code) => sum + gzip(code), 0);
}

/** Bytes of the modules of compiled kernels, after gzip -9. */
function kernels() {
  return ['prediction', 'training']
    .map((name) => readFileSync(new URL(`../lib/kernels/${name}_binary.ts`, import.meta.url)))
    .reduce((sum, source) => sum + gzip(source), 0);
}

function packed() {
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [{size}] = JSON.parse(execFileSync('npm', pack, {cwd: root, encoding: 'utf8'}));
  return size;
}

const callback = `export {PolynomialDecay} from './dist/index.js'`;

/** What is measured, its bytes, the bar in kB, and in kB what it may not grow beyond where it misses that. */
const sizes = [
  ['bundle of one callback', await loadedAtOnce(callback), 12],
  ['the same in one file, with all that options load', bundled(callback), 17.5],
  ['bundle of the loader', bundled(`export {packed} from './dist/load.js'`), 4],
  ['bundle of sparsify', bundled(`export {sparsify} from './dist/sparse.js'`), 16],
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
