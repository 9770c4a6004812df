import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

const VERSION = '1.30.0';

/** What is used of onnxruntime-web, which is no dependency. */
interface Onnxruntime {
  env: {wasm: {numThreads: number}};
  InferenceSession: {
    create(model: Uint8Array, options: object): Promise<Session>;
  };
  Tensor: new (type: 'float32', values: Float32Array, shape: readonly number[]) => object;
}

interface Session {
  run(inputs: Record<string, object>): Promise<Record<string, {data: Float32Array}>>;
}

/** A model in onnxruntime-web on one thread, installed to `.cache` when first asked for. */
export async function onnxruntime(
  model: Uint8Array,
): Promise<(values: Float32Array, shape: readonly number[]) => Promise<Float32Array>> {
  const home = resolve('.cache', 'onnxruntime-web');
  const path = join(home, 'node_modules/onnxruntime-web/dist/ort.wasm.min.mjs');
  if (!existsSync(path)) {
    mkdirSync(home, {recursive: true});
    const quiet = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
    const install = ['install', '--prefix', home, ...quiet, `onnxruntime-web@${VERSION}`];
    execFileSync('npm', install, {cwd: home, stdio: ['ignore', 'ignore', 'inherit']});
  }
  const {env, InferenceSession, Tensor} = (await import(pathToFileURL(path).href)) as Onnxruntime;
  env.wasm.numThreads = 1;
  const options = {executionProviders: ['wasm'], graphOptimizationLevel: 'all'};
  const session = await InferenceSession.create(model, options);
  return async (values, shape) => {
    const outputs = await session.run({images: new Tensor('float32', values, shape)});
    return Object.values(outputs)[0].data;
  };
}
