/**
 * Packs `npm run check:cuda` with all that it takes, Node too, for a machine with a GPU and
 * nothing else: parts of at most 60 MiB in `out/cuda`, and `run.sh`, which puts them
 * together and runs the check. `npm run setup:tensorflow -- --gpu` comes first.
 *
 *     node scripts/pack_cuda.mjs [--cpu]
 *     sh out/cuda/run.sh              # there, with the parts beside it
 */
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

import {buildSync} from 'esbuild';

const PART = '60m';
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'out', 'cuda');
const {values} = parseArgs({options: {cpu: {type: 'boolean', default: false}}});
const backend = `@tensorflow/tfjs-node${values.cpu ? '' : '-gpu'}`;

/** The folder of a package, as `from` would find it; `undefined` where it is missing. */
function packageFolder(name, from) {
  for (let at = from; ; at = dirname(at)) {
    const path = join(at, 'node_modules', name);
    if (existsSync(join(path, 'package.json'))) {
      return path;
    }
    if (at === dirname(at)) {
      return undefined;
    }
  }
}

/** The folders of a package and of all that it needs. */
function withDependencies(name, from, found = new Set()) {
  const path = packageFolder(name, from);
  if (path && !found.has(path)) {
    found.add(path);
    const {dependencies = {}} = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    Object.keys(dependencies).forEach((each) => withDependencies(each, path, found));
  }
  return found;
}

if (!packageFolder(backend, root)) {
  console.error(
    `${backend} is not here: npm run setup:tensorflow${values.cpu ? '' : ' -- --gpu'}.`,
  );
  process.exitCode = 2;
} else {
  rmSync(folder, {recursive: true, force: true});
  mkdirSync(folder, {recursive: true});
  buildSync({
    entryPoints: [join(root, 'test/scripts/check_cuda.ts')],
    outfile: join(folder, 'check.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['@tensorflow/*'],
    // What is CommonJS requires modules of Node.
    banner: {
      js: `import {createRequire} from 'node:module'; const require = createRequire(import.meta.url);`,
    },
  });
  const names = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', backend];
  const found = new Set(names.flatMap((name) => [...withDependencies(name, root)]));
  const modules = [...found].map((path) => relative(root, path));
  const files = [
    ...['-C', root, ...modules],
    ...['-C', folder, 'check.mjs'],
    ...['-C', dirname(process.execPath), 'node'],
  ];
  const parts = join(folder, 'part_');
  const pack = `tar -ch "$@" | gzip -1 | split -b ${PART} - '${parts}'`;
  const {status} = spawnSync('sh', ['-c', pack, 'sh', ...files], {stdio: 'inherit'});
  const run = [
    '#!/bin/sh',
    '# Unpacks the check and runs it.',
    'set -e',
    'cd "$(dirname "$0")"',
    'mkdir -p unpacked',
    'cat part_* | tar -xz -C unpacked',
    `exec unpacked/node unpacked/check.mjs${values.cpu ? ' --cpu' : ''}`,
  ];
  writeFileSync(join(folder, 'run.sh'), `${run.join('\n')}\n`);
  console.log(`Packed in ${relative(process.cwd(), folder)}; run.sh there runs the check.`);
  process.exitCode = status ?? 1;
}
