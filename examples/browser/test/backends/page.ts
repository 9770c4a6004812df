import * as tf from '@tensorflow/tfjs-core';
import {setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import {registerTrainingKernels} from '../../../../lib/wasm/index';

import {findings} from './checks';

setWasmPaths('/wasm/');
registerTrainingKernels();

/** Called by the test. */
Object.assign(window, {
  async findingsOn(backend: string) {
    if (!(await tf.setBackend(backend))) {
      throw new Error(`The backend '${backend}' could not be started.`);
    }
    await tf.ready();
    return findings();
  },
});
