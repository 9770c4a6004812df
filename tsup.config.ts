import {readFileSync} from 'node:fs';
import {isBuiltin} from 'node:module';

import type {Plugin} from 'esbuild';
import {defineConfig, type Options} from 'tsup';

import {thirdPartyNotices} from './scripts/third_party_notices';

const LIBRARY = {
  index: 'lib/index.ts',
  io: 'lib/files/io.ts',
  'io.browser': 'lib/files/browser.ts',
  load: 'lib/files/load.ts',
  node: 'lib/files/node/index.ts',
  rules: 'lib/rules.ts',
  sparse: 'lib/sparse.ts',
  wasm: 'lib/wasm/index.ts',
};

/** The files of what the library exports. */
const PUBLIC = [
  ...readFileSync('lib/index.ts', 'utf8').matchAll(/^export \{[^}]*\} from '\.\/(.+)';/gm),
];

const shared: Options = {
  target: 'es2022',
  // Scripts build first, and print something else: errors are still shown.
  silent: true,
};

/** What the command line brings with it is CommonJS, and requires modules of Node. */
const builtins: Plugin = {
  name: 'builtins',
  setup(build) {
    build.onResolve({filter: /./}, ({path, kind}) =>
      kind === 'require-call' && isBuiltin(path) ? {path, namespace: 'builtin'} : undefined,
    );
    build.onLoad({filter: /./, namespace: 'builtin'}, ({path}) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }));
  },
};

/** tfjs as the script tag before this one left it. */
const globalTf: Plugin = {
  name: 'global-tf',
  setup(build) {
    build.onResolve({filter: /^@tensorflow\//}, () => ({path: 'tf', namespace: 'global'}));
    build.onLoad({filter: /./, namespace: 'global'}, () => ({
      contents: `if (!globalThis.tf) throw new Error('Load @tensorflow/tfjs before tfjs-prune.');
        module.exports = globalThis.tf;`,
    }));
  },
};

export default defineConfig([
  // The mask registry lives in module scope, so the subpaths must share chunks
  // (`splitting`): two copies would not see each other's masks. What each public name
  // needs is in chunks of its own, as it was written, for bundlers to drop the others.
  {
    ...shared,
    entry: {
      ...LIBRARY,
      cli: 'lib/cli/main.ts',
      ...Object.fromEntries(PUBLIC.map(([, path]) => [path, `lib/${path}.ts`])),
    },
    format: ['esm'],
    platform: 'node',
    external: [/^@tensorflow\//],
    dts: {entry: LIBRARY},
    clean: true,
    splitting: true,
    // One import of each module for all of a chunk.
    treeshake: {moduleSideEffects: 'no-external'},
    removeNodeProtocol: false,
    sourcemap: true,
    esbuildPlugins: [builtins, thirdPartyNotices('dist/THIRD_PARTY_NOTICES.txt')],
  },
  // For script tags.
  {
    ...shared,
    entry: {'tfjs-prune.min': 'lib/script.ts'},
    format: ['iife'],
    globalName: 'tfPrune',
    outExtension: () => ({js: '.js'}),
    platform: 'browser',
    // Smaller than esbuild's.
    minify: 'terser',
    terserOptions: {compress: {ecma: 2020, passes: 3}, format: {preserve_annotations: true}},
    esbuildPlugins: [globalTf],
  },
]);
