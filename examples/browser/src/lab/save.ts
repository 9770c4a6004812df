import * as tf from '@tensorflow/tfjs-core';
import {compressed} from 'tfjs-prune/io';

import type {FileSize, TrainOptions} from './api';

/** A LayersModel or a GraphModel. */
interface Savable {
  save(handler: tf.io.IOHandler): Promise<tf.io.SaveResult>;
}

/** How the numbers of a packed file are rounded. */
const ROUNDING = {shared: {clusters: 16}, bytes: 'uint8', float: {}} as const;

/** The files of `model`, as `model.save('downloads://name')` makes them. */
export async function filesOf(model: Savable, name: string): Promise<File[]> {
  const {weightData, weightSpecs, ...artifacts} = await artifactsOf(model);
  const {modelTopology, format, generatedBy, convertedBy} = artifacts;
  const path = `${name}.weights.bin`;
  const weightsManifest = [{paths: [path], weights: weightSpecs}];
  const json = {modelTopology, format, generatedBy, convertedBy, weightsManifest};
  return [
    new File([JSON.stringify(json)], `${name}.json`, {type: 'application/json'}),
    new File([tf.io.CompositeArrayBuffer.join(weightData)], path),
  ];
}

/** `model` in one file, which `packed` of tfjs-prune/load reads. */
export async function packedFileOf(
  model: Savable,
  name: string,
  numbers: TrainOptions['numbers'] = 'float',
): Promise<File> {
  // A handler gets the packed file as the only weight of an empty model.
  const pack = (handler: tf.io.IOHandler) =>
    compressed(handler, {format: 'packed', quantize: ROUNDING[numbers]});
  const {weightData} = await artifactsOf(model, pack);
  return new File([tf.io.CompositeArrayBuffer.join(weightData)], `${name}.tfpack`);
}

/** What `model` saves. */
export async function artifactsOf(
  model: Savable,
  through = (handler: tf.io.IOHandler) => handler,
): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts = {};
  const handler = tf.io.withSaveHandler(async (all) => {
    artifacts = all;
    return {modelArtifactsInfo: {dateSaved: new Date(), modelTopologyType: 'JSON'}};
  });
  await model.save(through(handler));
  return artifacts;
}

/** Bytes of `files`, as they are and as a server that gzips sends them. */
export async function sizeOf(files: readonly File[]): Promise<FileSize> {
  const packed = await Promise.all(files.map(gzipBytes));
  return {
    bytes: files.reduce((all, {size}) => all + size, 0),
    gzip: packed.reduce((all, size) => all + size, 0),
  };
}

async function gzipBytes(file: File): Promise<number> {
  const packed = file.stream().pipeThrough(new CompressionStream('gzip'));
  return (await new Response(packed).arrayBuffer()).byteLength;
}
