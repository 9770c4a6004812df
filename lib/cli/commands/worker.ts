import {resolve} from 'node:path';

import type {Command} from 'commander';

import {checkAbove0, checkInteger} from '../../base/check';
import {checkData} from '../../workers/check_data';
import {Pool} from '../../workers/pool';
import {nameOf} from '../../workers/queue/job';
import {serve} from '../../workers/queue/serve';
import {workerScript} from '../../workers/script';
import {readModel} from '../model_file';
import {numberOf} from '../parse';

interface Options {
  queue: string;
  name?: string;
  data: string;
  model?: string;
  concurrency: number;
  memory?: number;
  lock: number;
}

export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('Runs the trials of a queue, until you stop it.')
    .requiredOption('--queue <url>', 'redis://…, rediss://… or postgres://…')
    .requiredOption('--data <module>', "ES module that exports 'train' and 'validation'")
    .option('--model <path>', 'the model, if the module does not export it')
    .option('--concurrency <n>', 'number of parallel trials, each in its own process', numberOf, 1)
    .option('--memory <MB>', 'memory limit of a trial', numberOf)
    .option('--name <name>', "name of the queue; default: 'tfjs-prune'")
    .option('--lock <s>', 'seconds after which a frozen worker loses its trial', numberOf, 30)
    .addHelpText(
      'after',
      '\nExample:\n  tfjs-prune worker --queue redis://localhost --data data.mjs --model models/mnist',
    )
    .action(work);
}

async function work(options: Options): Promise<void> {
  const {queue: url, name, concurrency: count, memory, lock, model} = options;
  checkInteger('--concurrency', count, 1);
  checkInteger('--lock', lock, 1);
  if (memory !== undefined) {
    checkAbove0('--memory', memory);
  }
  const data = resolve(options.data);
  if (model !== undefined) {
    await readModel(model);
  }
  await checkData(data);
  const limits = {megabytes: memory ?? Infinity, seconds: Infinity, silence: 120};
  const stored = model === undefined ? null : {path: resolve(model)};
  const serving = await serve({
    url,
    name,
    count,
    lock,
    crewOf: (settings) => new Pool(workerScript(), count, {data, model: stored, settings}, limits),
    onTask: (task, end) => console.log(`${nameOf(task)} ${end}.`),
  });
  console.log('Waiting for trials.');
  let stop: () => void = () => {};
  const stopped = new Promise<void>((end) => (stop = end));
  process.once('SIGTERM', stop).once('SIGINT', stop);
  try {
    await Promise.race([stopped, serving.refused]);
  } finally {
    await serving.close();
    // A connection that is still open must not keep a process that is done.
    setTimeout(() => process.exit(), 1000).unref();
  }
}
