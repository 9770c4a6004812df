const FIT = `
async function fit(options = {}) {
  await tf.setBackend('cpu');
  const model = tfl.sequential({layers: [tfl.layers.dense({units: 4, inputShape: [5]})]});
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, ...options});
  await model.fit(tf.ones([8, 5]), tf.ones([8, 4]), {verbose: 0, callbacks: [pruner]});
  return (await sparsityReport(stripPruning(model))).zeros;
}`;

const NAMES = ['ConstantSparsity', 'sparsityReport', 'stripPruning'].join(', ');

/** Options whose code is loaded only where they are given. */
export const OPTIONS = `{criterion: 'l2', scope: 'global', structure: {block: [1, 1]}, layers: [/./]}`;

/** Half of the weights of this model are zeros after it. */
export const ZEROS = 10;

/** A function that prunes a small model while it trains, after its imports. */
export const IMPORTED = `import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import {${NAMES}} from 'tfjs-prune';
${FIT}`;

/** The same, with what CommonJS calls them. */
export const REQUIRED = `const tf = require('@tensorflow/tfjs-core');
const tfl = require('@tensorflow/tfjs-layers');
require('@tensorflow/tfjs-backend-cpu');
const {${NAMES}} = require('tfjs-prune');
${FIT}`;
