import * as tf from '@tensorflow/tfjs-core';

/** The backend under test: `TFJS_BACKEND`, or wasm, which every install has. */
export const backendName = process.env.TFJS_BACKEND ?? 'wasm';

beforeAll(async () => {
  if (backendName === 'tensorflow') {
    // Not a dependency: `npm run setup:tensorflow` brings it.
    require('@tensorflow/tfjs-node');
  } else {
    require(`@tensorflow/tfjs-backend-${backendName}`);
  }
  if (!(await tf.setBackend(backendName))) {
    throw new Error(`The backend '${backendName}' could not be started.`);
  }
  await tf.ready();
});
