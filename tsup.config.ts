import {readFileSync, writeFileSync} from 'node:fs';

import {transform, type Plugin} from 'esbuild';
import {defineConfig, type Options} from 'tsup';

import {ENTRIES} from './scripts/exports';
import {keepLineMaps} from './scripts/line_maps';
import {shortenChunkNames} from './scripts/short_chunk_names';
import {thirdPartyNotices} from './scripts/third_party_notices';

/** The files of what the library exports. */
const PUBLIC = [
  ...readFileSync('lib/index.ts', 'utf8').matchAll(/^export \{[^}]*\} from '\.\/(.+)';/gm),
];

const shared: Options = {
  target: 'es2022',
  // Scripts build first, and print something else: errors are still shown.
  silent: true,
};

const chunks: Options = {
  platform: 'node',
  external: [/^@tensorflow\//, 'bullmq', 'ioredis', 'pg'],
  splitting: true,
  // One import of each module for all of a chunk.
  treeshake: {moduleSideEffects: 'no-external'},
  removeNodeProtocol: false,
};

/**
 * Node prints the line that threw before the message of an error that nobody catches, unless
 * the line says this: the message of a PruningError names what is wrong, the line does not.
 */
const messageFirst: NonNullable<Options['plugins']>[number] = {
  name: 'message-first',
  renderChunk: (code) => ({
    code: code.replace(
      /throw new (\w+\.)?PruningError\(/g,
      (line) => `${line}/* node-do-not-add-exception-line */`,
    ),
  }),
};

/** Chunks without the names of their sources: source maps have them, and stack traces those of functions. */
const unnamedSources: NonNullable<Options['plugins']>[number] = {
  name: 'unnamed-sources',
  // The lines stay, for the maps.
  renderChunk: (code) => ({code: code.replace(/^\/\/ lib\/.*$/gm, '')}),
};

/** The command line is minified, with the packages in it: they are a third of its bytes. */
const slimPackages: NonNullable<Options['plugins']>[number] = {
  name: 'slim-packages',
  renderChunk: async (code) =>
    /^\/\/ .*\bnode_modules\//m.test(code)
      ? {code: (await transform(code, {minify: true, lineLimit: 160})).code}
      : undefined,
};

/** Chunks are required where they are needed: Jest runs no `import()` of a CommonJS module. */
const requireChunks: NonNullable<Options['plugins']>[number] = {
  name: 'require-chunks',
  renderChunk: (code) => ({
    code: code.replace(
      /\bimport\((['"]\.\/[^'"]+\.cjs['"])\)/g,
      (_import, path) => `Promise.resolve().then(() => require(${path}))`,
    ),
  }),
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
  // For bundlers and browsers. The mask registry lives in module scope, so the subpaths must
  // share chunks (`splitting`): two copies would not see each other's masks. What each public
  // name needs is in chunks of its own, as it was written, for bundlers to drop the others.
  {
    ...shared,
    ...chunks,
    entry: {
      ...ENTRIES,
      ...Object.fromEntries(PUBLIC.map(([, path]) => [path, `lib/${path}.ts`])),
    },
    format: ['esm'],
    clean: true,
    // By lines: see keepLineMaps.
    sourcemap: true,
    plugins: [unnamedSources],
    // One declaration of each type, whichever build a module reaches.
    onSuccess: async () => {
      keepLineMaps('dist');
      shortenChunkNames('dist', '.js');
      for (const name of Object.keys(ENTRIES)) {
        writeFileSync(`dist/${name}.d.ts`, `export * from './cjs/${name}.cjs';\n`);
      }
    },
  },
  // For Node, where `import` and `require` reach this one build.
  {
    ...shared,
    ...chunks,
    entry: {...ENTRIES, cli: 'lib/cli/main.ts', worker: 'lib/workers/worker.ts'},
    format: ['cjs'],
    outDir: 'dist/cjs',
    // `npm run types` checks.
    dts: {entry: ENTRIES, compilerOptions: {noCheck: true}},
    esbuildPlugins: [thirdPartyNotices('dist/THIRD_PARTY_NOTICES.txt')],
    plugins: [slimPackages, unnamedSources, messageFirst, requireChunks],
    onSuccess: async () => shortenChunkNames('dist/cjs', '.cjs'),
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
