import {defineConfig} from 'tsup';

// The mask registry lives in module scope, so the subpaths must share chunks
// (`splitting`) in both formats: two copies would not see each other's masks.
export default defineConfig([
  {
    entry: {
      index: 'lib/index.ts',
      io: 'lib/io/index.ts',
      'io.browser': 'lib/io/browser.ts',
      load: 'lib/load/index.ts',
      node: 'lib/node/index.ts',
      wasm: 'lib/wasm/index.ts',
    },
    format: ['esm', 'cjs'],
    target: 'es2022',
    platform: 'neutral',
    external: [/^node:/, /^@tensorflow\//],
    dts: true,
    clean: true,
    splitting: true,
  },
  // The command line is a program of its own, which brings what it needs.
  {
    entry: {cli: 'lib/cli/main.ts'},
    format: ['esm'],
    target: 'es2022',
    platform: 'node',
    minify: true,
    external: [/^@tensorflow\//],
    noExternal: [/^commander$/, /^cli-progress$/, /^cli-table3$/, /^npyjs/],
    banner: {
      js:
        '#!/usr/bin/env node\n' +
        "import {createRequire} from 'node:module';const require = createRequire(import.meta.url);",
    },
  },
]);
