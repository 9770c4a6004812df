import * as tf from '@tensorflow/tfjs-core';

// A search whose arguments are in ARGS, as JSON; prints the report and the weights.
const args = JSON.parse(process.env.ARGS);
const {backend = 'wasm'} = args;
await import(
  backend === 'tensorflow' ? '@tensorflow/tfjs-node' : `@tensorflow/tfjs-backend-${backend}`
);
await tf.setBackend(backend);
const {autoPrune, sensitivity} = await import('tfjs-prune');
const {fileJournal, workers} = await import('tfjs-prune/node');
const {makeModel, train, validation} = await import('./data.mjs');
const {metric} = args.data === 'poisoned.mjs' ? await import('./poisoned.mjs') : {};

console.warn = () => {};
const executor = await executorOf(args);
const model = makeModel();
const onProgress = ({epoch, running}) =>
  args.verbose && console.error(epoch, JSON.stringify(running));
try {
  if (args.scan) {
    console.log(
      JSON.stringify({
        result: await sensitivity(model, validation, {executor, sparsities: [0.5, 0.9]}),
      }),
    );
  } else {
    const {report} = await autoPrune(model, {
      train: {...train, epochs: 3},
      validation,
      executor,
      onProgress,
      ...(metric ? {metric} : {}),
      ...(args.journal ? {journal: fileJournal(args.journal)} : {}),
      ...(args.goal ?? {maxDrop: 0.1, budget: {epochs: 15}}),
    });
    const weights = await Promise.all(
      model.getWeights().map(async (each) => [...(await each.data())]),
    );
    console.log(JSON.stringify({report, weights}));
  }
} catch (error) {
  console.log(JSON.stringify({error: {name: error.name, message: error.message}}));
}

async function executorOf({workers: count, data = 'data.mjs', limits = {}, queue: url, name}) {
  const path = new URL(data, import.meta.url).pathname;
  if (url) {
    const {queue} = await import('tfjs-prune/queue');
    return queue({url, name});
  }
  return count ? workers({count, data: path, ...limits}) : undefined;
}
