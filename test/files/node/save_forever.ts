// Run by a test, which kills it: saves models of ever higher values.
import type {io} from '@tensorflow/tfjs-core';

import {fileSystem} from '../../../lib/files/node/index';

const [directory, start] = process.argv.slice(2);

async function saveForever(): Promise<void> {
  for (let value = Number(start) + 1; ; value++) {
    await fileSystem(directory).save!({
      modelTopology: {class_name: 'Sequential', value},
      userDefinedMetadata: {value} as io.ModelArtifacts['userDefinedMetadata'],
      weightSpecs: [{name: 'w', shape: [100_000], dtype: 'float32'}],
      weightData: new Float32Array(100_000).fill(value).buffer,
    });
    process.stdout.write('.');
  }
}

void saveForever();
