import {ready, setBackend} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';

/** Starts `TFJS_BACKEND`, or wasm, outside of jest. */
export async function startBackend(): Promise<void> {
  const backend = process.env.TFJS_BACKEND ?? 'wasm';
  if (backend === 'tensorflow') {
    // A name that TypeScript does not look for: `npm run setup:tensorflow` brings it.
    await import(`@tensorflow/${'tfjs-node'}`);
  }
  if (!(await setBackend(backend))) {
    throw new Error(`The backend '${backend}' could not be started.`);
  }
  await ready();
}
