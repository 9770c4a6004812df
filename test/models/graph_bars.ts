import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {dispose, io, type NamedTensorMap} from '@tensorflow/tfjs-core';

import {compressed} from '../../lib/files/io';
import {bytesOf} from './bars';

/** Packs a GraphModel and unpacks it: each weight is bit for bit what it was. What came back. */
export async function expectGraphPacks(artifacts: io.ModelArtifacts): Promise<io.ModelArtifacts> {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-models-'));
  try {
    const file = compressed(join(folder, 'model.tfpack'), {format: 'packed'});
    await file.save!(artifacts);
    const loaded = await file.load!();
    expect(loaded.modelTopology).toEqual(artifacts.modelTopology);
    const [before, after] = [decoded(artifacts), decoded(loaded)];
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
    for (const [name, tensor] of Object.entries(before)) {
      const same = after[name].dtype === tensor.dtype && (await isSame(after[name], tensor));
      expect({name, same}).toEqual({name, same: true});
    }
    dispose([before, after]);
    return loaded;
  } finally {
    rmSync(folder, {recursive: true});
  }
}

/**
 * Quantizes a GraphModel to uint8, whatever its weights are stored as, in tfjs's own
 * format: tfjs alone decodes each weight to within half a step. Where it is sensitive, a step is
 * 1/32 of the number, or of the largest one that an output of a depthwise kernel has.
 */
export async function expectGraphQuantizes(artifacts: io.ModelArtifacts): Promise<void> {
  let stored: io.ModelArtifacts | undefined;
  const memory: io.IOHandler = {
    save: (given) => {
      stored = given;
      return Promise.resolve({modelArtifactsInfo: io.getModelArtifactsInfoForJSON(given)});
    },
  };
  await compressed(memory, {quantize: 'uint8'}).save!(artifacts);
  const [before, after] = [decoded(artifacts), decoded(stored!)];
  let quantized = 0;
  for (const {name, shape, quantization} of stored!.weightSpecs!) {
    const step = quantization?.dtype === 'uint8' ? quantization.scale! : 0;
    quantized += step > 0 ? 1 : 0;
    const a = (await before[name].data()) as Float32Array;
    const b = (await after[name].data()) as Float32Array;
    // −Infinity, to pad with, is no farther from itself.
    const channels = shape.length === 4 ? shape[2] * shape[3] : a.length;
    const most = new Float32Array(quantization?.dtype === 'float16' ? channels : 0);
    a.forEach((value, i) => {
      most[i % channels] = Math.max(most[i % channels], Math.abs(value));
    });
    // Channels next to nothing have the smallest step, as numbers next to nothing have.
    const least = channels < a.length ? 2 ** -15 : 2 ** -20;
    const half = (i: number) =>
      most.length > 0 ? Math.max(least, most[i % channels] * 2 ** -6) : 0;
    const errors = a.map((value, i) =>
      value === b[i] ? 0 : Math.max(0, Math.abs(value - b[i]) - half(i)),
    );
    const largest = errors.reduce((most, error) => Math.max(most, error), 0);
    expect({name, isNear: largest <= (step / 2) * 1.001}).toEqual({name, isNear: true});
  }
  expect(quantized).toBeGreaterThan(0);
  dispose([before, after]);
}

function decoded({weightData, weightSpecs}: io.ModelArtifacts): NamedTensorMap {
  return io.decodeWeights(weightData!, weightSpecs!);
}

type Tensor = NamedTensorMap[string];

async function isSame(one: Tensor, other: Tensor): Promise<boolean> {
  const [a, b] = [await one.data(), await other.data()];
  return bytesOf(a as Float32Array).equals(bytesOf(b as Float32Array));
}
