import {io} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {joinChunks} from './artifacts/weight_chunks';
import {enclose, enclosed} from './enclose';
import type {LayoutArgs} from './layout';
import type {LocalFiles} from './local_files';
import {packed} from './packed';
import {readPacked} from './packed/read_packed';
import type {StoredWeight} from './quantize/stored_weight';
import type {StoredWeights} from './quantize/stored_weights';

const SCHEME = /^[a-z][a-z0-9+.-]+:\/\//i;
const FILE = /^file:\/\//i;
const HTTP = /^https?:\/\//i;

type OnProgress = (fraction: number) => void;

/** Where models go to and come from: as tfjs has them, or packed. */
export interface Target {
  save(artifacts: io.ModelArtifacts, weights: StoredWeights): Promise<io.SaveResult>;
  load(onProgress: OnProgress): Promise<io.ModelArtifacts>;
  savePacked(parts: readonly Uint8Array[]): Promise<Partial<io.SaveResult>>;
  loadPacked(onProgress: OnProgress): Promise<io.ModelArtifacts>;
}

/**
 * What `target` means.
 *
 * @param files How local files are reached; absent in browsers, where a path is
 *   an address on the page's server.
 * @throws PruningError where it's no target, or no files and can't have a layout.
 */
export function targetOf(
  target: unknown,
  layout: LayoutArgs,
  files: LocalFiles | undefined,
): Target {
  const isFile = typeof target === 'string' && (FILE.test(target) || !SCHEME.test(target));
  if (isFile && files !== undefined) {
    return localTarget(target, layout, files);
  }
  for (const [option, value] of Object.entries(layout)) {
    check(value === undefined, option, 'none except for files on Node', value);
  }
  if (typeof target === 'string') {
    return isFile || HTTP.test(target) ? addressTarget(target) : schemeTarget(target);
  }
  check(isHandler(target), 'target', 'a URL, a path or an IOHandler', target);
  const handler = target;
  return handlerTarget(() => handler);
}

function isHandler(target: unknown): target is io.IOHandler {
  return typeof target === 'object' && target !== null && ('save' in target || 'load' in target);
}

function localTarget(path: string, layout: LayoutArgs, files: LocalFiles): Target {
  const handler = files.fileSystem(path, layout);
  return {
    ...handlerTarget(() => handler),
    save: (artifacts, weights) => files.save(path, artifacts, weights, layout),
    savePacked: async (parts) => {
      await files.write(path, parts);
      return {};
    },
    loadPacked: async (onProgress) => {
      const {stream, size} = await files.read(path);
      return readPacked(path, stream, onProgress, size);
    },
  };
}

/** A server: tfjs's own files are several, a packed one is fetched as it is. */
function addressTarget(address: string): Target {
  return {
    ...handlerTarget((onProgress) => io.http(address, {onProgress})),
    loadPacked: (onProgress) => packed(address, {onProgress}).load!(),
  };
}

/** `indexeddb://`, `localstorage://`, `downloads://` and what else is registered. */
function schemeTarget(url: string): Target {
  const only = (handlers: io.IOHandler[]) => {
    check(handlers.length === 1, 'target', 'a URL of a scheme that tfjs knows', url);
    return handlers[0];
  };
  const loading = handlerTarget(() => only(io.getLoadHandlers(url)));
  return {...loading, ...savingOf(handlerTarget(() => only(io.getSaveHandlers(url))))};
}

function savingOf({save, savePacked}: Target): Pick<Target, 'save' | 'savePacked'> {
  return {save, savePacked};
}

function handlerTarget(handlerOf: (onProgress: OnProgress) => io.IOHandler): Target {
  const saveWhole = async (artifacts: io.ModelArtifacts) => {
    const handler = handlerOf(() => {});
    check(handler.save !== undefined, 'target', 'a handler that can save', handler);
    return handler.save(artifacts);
  };
  const load = async (onProgress: OnProgress) => {
    const handler = handlerOf(onProgress);
    check(handler.load !== undefined, 'target', 'a handler that can load', handler);
    const artifacts = await handler.load();
    const file = enclosed(artifacts);
    const model = file ? await packed(file).load!() : artifacts;
    onProgress(1);
    return model;
  };
  return {
    save: async (artifacts, weights) => saveWhole(await assemble(artifacts, weights)),
    load,
    savePacked: (parts) => saveWhole(enclose(parts)),
    loadPacked: load,
  };
}

/** `artifacts` with these weights, in one buffer: tfjs misreads some lists of several. */
async function assemble(
  artifacts: io.ModelArtifacts,
  weights: StoredWeights,
): Promise<io.ModelArtifacts> {
  const all: StoredWeight[] = [];
  for await (const weight of weights) {
    all.push(weight);
  }
  return {
    ...artifacts,
    weightSpecs: artifacts.weightSpecs && all.map(({spec}) => spec),
    weightData: artifacts.weightData && joinChunks(all.map(({bytes}) => bytes)).buffer,
  };
}
