/**
 * The subpaths of the package, in one list: the name of a built file -> its source.
 * `npm run exports` writes to package.json what follows from it, and a test compares.
 */
export const ENTRIES = {
  index: 'lib/index.ts',
  io: 'lib/files/io.ts',
  'io.browser': 'lib/files/browser.ts',
  load: 'lib/files/load.ts',
  node: 'lib/node.ts',
  queue: 'lib/queue.ts',
  rules: 'lib/rules.ts',
  sparse: 'lib/sparse.ts',
  wasm: 'lib/wasm/index.ts',
};

/** A build for browsers of this name stands in for the one without it. */
const BROWSER = '.browser';

type Target = string | {[condition: string]: Target};

/**
 * In Node, `import` and `require` reach the same file, so that there is one registry of masks;
 * in a bundler, they reach the same ES module. `require` is for what is neither, such as Jest
 * with jsdom.
 */
function targetsOf(name: string): {[condition: string]: Target} {
  const module = `./dist/${name}.js`;
  const require = `./dist/cjs/${name}.cjs`;
  return {module, require, default: module};
}

export function exportsOf(names: readonly string[]): {[subpath: string]: Target} {
  const subpaths = names.filter((name) => !name.endsWith(BROWSER));
  const entries = subpaths.map((name): [string, Target] => [
    name === 'index' ? '.' : `./${name}`,
    {
      node: `./dist/cjs/${name}.cjs`,
      ...(names.includes(name + BROWSER) && {browser: targetsOf(name + BROWSER)}),
      ...targetsOf(name),
    },
  ]);
  return {...Object.fromEntries(entries), './package.json': './package.json'};
}

/** Where TypeScript looks that does not read `exports`. */
export function typesVersionsOf(names: readonly string[]): {'*': {[name: string]: string[]}} {
  const subpaths = names.filter((name) => !name.endsWith(BROWSER) && name !== 'index');
  return {
    '*': Object.fromEntries(subpaths.map((name) => [name, [`./dist/cjs/${name}.d.cts`]])),
  };
}

export const FIELDS = {
  exports: exportsOf(Object.keys(ENTRIES)),
  typesVersions: typesVersionsOf(Object.keys(ENTRIES)),
};
