import {readdirSync} from 'node:fs';
import {isBuiltin} from 'node:module';
import {sep} from 'node:path';

import type {Plugin} from 'esbuild';
import {defineConfig, type Options} from 'tsup';

import {modulePerFile} from './scripts/module_per_file';
import {thirdPartyNotices} from './scripts/third_party_notices';

const LIBRARY = {
  index: 'lib/index.ts',
  io: 'lib/files/io.ts',
  'io.browser': 'lib/files/browser.ts',
  load: 'lib/files/load.ts',
  node: 'lib/files/node/index.ts',
  rules: 'lib/rules.ts',
  wasm: 'lib/wasm/index.ts',
};

/** The modules of the library, by their paths in the package. */
const MODULES: Readonly<Record<string, string>> = {
  ...LIBRARY,
  ...Object.fromEntries(
    readdirSync('lib', {recursive: true, encoding: 'utf8'})
      .map((path) => `lib/${path.replaceAll(sep, '/')}`)
      .filter((file) => file.endsWith('.ts') && !/^lib\/(cli\/|script.ts$)/.test(file))
      .filter((file) => !Object.values(LIBRARY).includes(file))
      .map((file) => [file.slice('lib/'.length, -'.ts'.length), file]),
  ),
};

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
  // A module for each file, as it was written: bundlers minify it with the user's own
  // code, and drop what is not used. All subpaths share the mask registry, which lives
  // in module scope.
  {
    ...shared,
    entry: MODULES,
    format: ['esm'],
    platform: 'node',
    external: [/^@tensorflow\//],
    dts: {entry: LIBRARY},
    clean: true,
    splitting: false,
    sourcemap: true,
    removeNodeProtocol: false,
    esbuildPlugins: [modulePerFile(MODULES)],
  },
  // The command line, on top of the library.
  {
    ...shared,
    entry: {cli: 'lib/cli/main.ts'},
    format: ['esm'],
    platform: 'node',
    external: [/^@tensorflow\//],
    splitting: false,
    removeNodeProtocol: false,
    esbuildPlugins: [
      modulePerFile(MODULES),
      builtins,
      thirdPartyNotices('dist/THIRD_PARTY_NOTICES.txt'),
    ],
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
