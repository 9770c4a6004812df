import {Readable} from 'node:stream';
import {createGzip} from 'node:zlib';

import type {Command} from 'commander';

import {packedBytes} from '../../files/packed/pack';
import {valuesOf} from '../../files/quantize/dequantize';
import {pruneCandidates} from '../../model/prune_candidates';
import {trainsIn} from '../../model/trained_model';
import {countMacs} from '../../report/macs';
import {MIN_SPARSITY} from '../../wasm/min_sparsity';
import {startBackend} from '../../workers/backend';
import {emptyModelOf, freeModel, readModel, type StoredModel} from '../model_file';
import {bytes, percent, printJSON, printTable, type PrintOptions} from '../output';
import {withProgress} from '../progress';
import {isNumeric, zerosIn} from '../weight_values';
import {type ZeroPattern, zeroPattern} from '../zero_pattern';

const GZIP_PART_BYTES = 2 ** 20;

/** What `inspect` finds out about a weight. */
interface WeightFacts {
  name: string;
  dtype: string;
  shape: number[];
  size: number;
  zeros: number;
  sparsity: number;
  /** Where it does not train. */
  frozen?: true;
  pattern?: ZeroPattern;
  bytes: {raw: number; gzip: number; packed: number};
}

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .argument('<model>', 'directory, model.json or packed file')
    .description('Shows the zeros, patterns and size of each weight, and of the whole model.')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  tfjs-prune inspect models/mnist')
    .action(inspect);
}

async function inspect(path: string, {json}: PrintOptions): Promise<void> {
  await startBackend();
  const model = await readModel(path);
  const weights: WeightFacts[] = [];
  for await (const weight of withProgress(
    'Inspecting',
    model.artifacts.weightSpecs,
    model.weights(),
  )) {
    const {name, dtype, shape} = weight.spec;
    const values = isNumeric(weight) ? await valuesOf(weight) : null;
    const size = shape.reduce((all, length) => all * length, 1);
    const zeros = values ? zerosIn(values) : 0;
    weights.push({
      name,
      dtype: weight.spec.quantization?.dtype ?? dtype,
      shape,
      size,
      zeros,
      sparsity: size === 0 ? 0 : zeros / size,
      ...(values && shape.length > 1 && size > 0 ? {pattern: zeroPattern(values, shape)} : {}),
      bytes: {
        raw: weight.bytes.length,
        gzip: await gzippedBytes(weight.bytes),
        packed: packedBytes(weight),
      },
    });
  }
  const {macs, frozen} = await structureOf(model);
  for (const facts of weights.filter(({name}) => frozen.has(name))) {
    facts.frozen = true;
  }
  const total = (value: (weight: WeightFacts) => number) =>
    weights.reduce((sum, weight) => sum + value(weight), 0);
  const size = total((weight) => weight.size);
  const zeros = total((weight) => weight.zeros);
  const totals = {
    size,
    zeros,
    sparsity: size === 0 ? 0 : zeros / size,
    bytes: {
      raw: total((weight) => weight.bytes.raw),
      gzip: total((weight) => weight.bytes.gzip),
      packed: total((weight) => weight.bytes.packed),
    },
  };
  if (json) {
    printJSON({kind: model.kind, format: model.format, macs, weights, totals});
    return;
  }
  const row = (facts: Pick<WeightFacts, 'size' | 'zeros' | 'sparsity' | 'bytes'>) => [
    facts.size,
    facts.zeros,
    percent(facts.sparsity),
    bytes(facts.bytes.raw),
    bytes(facts.bytes.gzip),
    bytes(facts.bytes.packed),
  ];
  printTable(
    ['Weight', 'Type', 'Shape', 'Pattern', 'Weights', 'Zeros', 'Sparsity', 'Raw', 'gzip', 'Packed'],
    [
      ...weights.map((facts) => {
        const {name, shape, pattern} = facts;
        const dtype = facts.frozen ? `${facts.dtype}, frozen` : facts.dtype;
        return [name, dtype, shape.join(' x '), describe(pattern), ...row(facts)];
      }),
      ['all', '', '', '', ...row(totals)],
    ],
  );
  if (macs) {
    const unknown = macs.unknown.length > 0 ? ` (without ${macs.unknown.join(', ')})` : '';
    console.log(`Multiply-accumulates of one example: ${macs.macs}${unknown}`);
  }
  console.log(adviceOf(weights));
}

/** What `sparsify` makes of the zeros, and which pattern would gain more. */
function adviceOf(weights: readonly WeightFacts[]): string {
  const kernels = weights.filter(({shape}) => shape.length > 1);
  const skipped = kernels.filter(({sparsity}) => sparsity >= MIN_SPARSITY);
  const isInBlocks = skipped.some(({pattern}) => /x(4|8|16)$/.test(pattern?.block ?? ''));
  const count = `${skipped.length} of ${kernels.length}`;
  return (
    `On WebAssembly, sparsify can skip the zeros of ${count} kernels.` +
    (isInBlocks ? '' : ' It gains most from --structure 1x4 --scope global.')
  );
}

/** Bytes after gzip -6, which are not kept. */
async function gzippedBytes(bytes: Uint8Array): Promise<number> {
  let count = 0;
  for await (const part of Readable.from(partsOf(bytes)).pipe(createGzip())) {
    count += (part as Buffer).length;
  }
  return count;
}

function* partsOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += GZIP_PART_BYTES) {
    yield bytes.subarray(start, start + GZIP_PART_BYTES);
  }
}

/**
 * What the layers say: `null`, and nothing frozen, for a GraphModel, and where a layer
 * of the user's own keeps the model from being built.
 */
async function structureOf(stored: StoredModel) {
  const model = stored.kind === 'graph' ? null : await emptyModelOf(stored).catch(() => null);
  if (!model) {
    return {macs: null, frozen: new Set<string>()};
  }
  const trains = trainsIn(model);
  // Frozen is what would train otherwise, which moving statistics would not.
  const frozen = pruneCandidates(model).filter(({variable}) => !trains(variable));
  const macs = countMacs(model);
  freeModel(model);
  return {macs, frozen: new Set(frozen.map(({variable}) => variable.originalName))};
}

function describe(pattern: ZeroPattern | undefined): string {
  if (!pattern) {
    return '';
  }
  const {nm, block, emptyOutputs, emptyInputs} = pattern;
  return [
    nm,
    block && `blocks ${block}`,
    emptyOutputs > 0 && `${emptyOutputs} outputs empty`,
    emptyInputs > 0 && `${emptyInputs} inputs empty`,
  ]
    .filter(Boolean)
    .join(', ');
}
