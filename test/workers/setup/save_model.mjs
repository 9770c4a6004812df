import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import {fileSystem} from 'tfjs-prune/node';

// Saves the model of these tests in the directory that is given.
await tf.setBackend('wasm');
const {makeModel} = await import('./data.mjs');
await makeModel().save(fileSystem(process.argv[2]));
