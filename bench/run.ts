/**
 * Runs every benchmark, keeps the results, and writes docs/benchmarks.md from
 * them; or runs the one named, with its own options.
 *
 *     npm run bench
 *     npm run bench -- --quick           # in out/bench, under 10 minutes
 *     npm run bench -- sparsity --models mlp --seeds 1
 */
import {spawn, spawnSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';

import {Command} from 'commander';

import {chromiumPath} from '../examples/browser/test/chromium';
import {BENCHES} from './benches';
import {forget, inContext, store, type Result} from './stored';

const FULL = {results: join('bench', 'results'), docs: 'docs'};
/** Figures of a quick run are too rough to be kept. */
const QUICK = {results: join('out', 'bench', 'results'), docs: join('out', 'bench')};

const command = new Command('npm run bench --')
  .argument('[name]', `one of ${Object.keys(BENCHES).join(', ')}; default: all`)
  .argument('[options...]', 'of that one')
  .option('--quick', 'smaller settings, results in out/bench')
  .passThroughOptions()
  .allowUnknownOption()
  .parse();
const {quick} = command.opts<{quick?: boolean}>();
const [only, ...own] = command.args;
if (only !== undefined && !(only in BENCHES)) {
  command.error(`There is no benchmark ${only}: give one of ${Object.keys(BENCHES).join(', ')}.`);
}
const {results, docs} = quick ? QUICK : FULL;

const failed: string[] = [];
if (only !== undefined && own.length > 0) {
  await runOne(only, own);
} else {
  if (quick) {
    rmSync(results, {recursive: true, force: true});
  }
  for (const name of only === undefined ? Object.keys(BENCHES) : [only]) {
    await runOnBackends(name);
  }
}
run('report.ts', ['--results', results, '--docs', docs]);
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}`);
  process.exitCode = 1;
}

async function runOnBackends(name: string): Promise<void> {
  const {backends, quick: options, parts, data = [], needsChromium} = BENCHES[name];
  forget(results, name);
  if (needsChromium && chromiumPath === undefined) {
    console.log(`\n${name}: not run. There is no Chromium; CHROME_PATH says where one is.`);
    return;
  }
  for (const backend of backends) {
    if (backend === 'tensorflow' && !hasTensorflow()) {
      console.log(`\n${name}: not run on tensorflow. npm run setup:tensorflow installs it.`);
      continue;
    }
    const named = backend === 'fastest' || backend === 'none' ? [] : ['--backend', backend];
    for (const part of parts?.map((each) => ['--only', each]) ?? [[]]) {
      await runOne(name, [...named, ...part, ...(quick ? options : [])]);
    }
    for (const other of quick ? [] : data) {
      await runOne(name, [...named, '--data', other]);
    }
  }
}

/** Runs a benchmark, shows what it prints, and keeps its last line. */
async function runOne(name: string, args: readonly string[]): Promise<void> {
  const command = ['npm run bench --', name, ...args].join(' ');
  console.log(`\n${command}`);
  const start = performance.now();
  const child = spawn(process.execPath, [...process.execArgv, `bench/${name}.ts`, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) {
    failed.push(command);
    return;
  }
  const result = JSON.parse(output.trimEnd().split('\n').at(-1)!) as Result;
  store(results, inContext(result, command, (performance.now() - start) / 1000));
}

function run(file: string, args: readonly string[]): void {
  const {status} = spawnSync(
    process.execPath,
    [...process.execArgv, join('bench', file), ...args],
    {stdio: 'inherit'},
  );
  if (status !== 0) {
    failed.push(file);
  }
}

function hasTensorflow(): boolean {
  try {
    createRequire(import.meta.url).resolve('@tensorflow/tfjs-node');
    return true;
  } catch {
    return false;
  }
}
