import type {io} from '@tensorflow/tfjs-core';

import {check, checkChoice, checkInteger, checkOptions} from '../../base/check';
import {listed} from '../../base/listed';
import type {Sensitivity} from '../../model/sensitive_weights';
import {CENTROID_INITS} from '../../projection/rounding/clustering';
import type {SharedValues} from './shared_values';

const NAMES = ['uint8', 'uint16', 'float16'] as const;
const MOST_CLUSTERS = 256;

/** How to store values: as integers, as half floats, or with shared values. */
export type Quantization = (typeof NAMES)[number] | SharedValues;

/** Patterns of weight names, in which `*` matches anything; the first match counts. */
export type QuantizationMap = Readonly<Record<string, Quantization | false>>;

/** One quantization for all weights, or a map with one for each pattern of names. */
export type Quantize = Quantization | QuantizationMap;

/** Throws where `quantize` is malformed; names are checked once the weights are known. */
export function checkQuantize(quantize: unknown): asserts quantize is Quantize | undefined {
  if (quantize === undefined) {
    return;
  }
  if (typeof quantize === 'string' || isSharedValues(quantize)) {
    checkQuantization('quantize', quantize);
    return;
  }
  const expected = `${NAMES.join(', ')}, {clusters}, or a map from patterns of names to these`;
  check(typeof quantize === 'object' && quantize !== null, 'quantize', expected, quantize);
  for (const [pattern, quantization] of Object.entries(quantize)) {
    if (quantization !== false) {
      checkQuantization(`quantize['${pattern}']`, quantization);
    }
  }
}

/** Whether `quantize` has a codebook anywhere, which tfjs itself can't read. */
export function hasCodebook(quantize: Quantize | undefined): boolean {
  return (
    typeof quantize === 'object' &&
    (isSharedValues(quantize) || Object.values(quantize).some(isSharedValues))
  );
}

/** What is done with a weight that is saved. */
export interface Treatment {
  quantization: Quantization;
  /** Of a weight that becomes `'float16'` of as few bits as do no harm. */
  sensitivity?: Sensitivity;
  /** Whether the weight stays as it is where its numbers are beyond those of `quantization`. */
  ifItFits?: boolean;
}

/** What the sensitive weights are rounded to where all others are rounded further. */
const SPARING: Treatment = {quantization: 'float16', ifItFits: true};

/** What `treatmentOf` knows of a model. */
export interface TreatedModel {
  specs: readonly io.WeightsManifestEntry[];
  /** The weights that a quantization spares which names none. */
  sensitive: ReadonlyMap<string, Sensitivity>;
  /** Whether weights that are quantized already are quantized again, if otherwise. */
  again: boolean;
}

/**
 * What to do with each weight: only floats are quantized, no optimizer's, and no
 * constants that are one number.
 *
 * @throws PruningError where a pattern matches no such weight.
 */
export function treatmentOf(
  quantize: Quantize,
  {specs, sensitive, again}: TreatedModel,
): (spec: io.WeightsManifestEntry) => Treatment | undefined {
  const isOpen = (spec: io.WeightsManifestEntry) =>
    isQuantizable(spec) && (again || spec.quantization == null);
  const isOther = ({quantization}: io.WeightsManifestEntry, treatment?: Treatment) =>
    treatment && treatment.quantization !== quantization?.dtype ? treatment : undefined;
  if (typeof quantize === 'string' || isSharedValues(quantize)) {
    // Among kernels of 8 bits or fewer, whole float16 would be much of the file.
    const isRough = typeof quantize === 'object' || quantize === 'uint8';
    return (spec) => {
      const sensitivity = sensitive.get(spec.name);
      const isSpared = sensitivity !== undefined;
      // What was rounded before would only grow.
      const isDone = isSpared && spec.quantization != null;
      return isOpen(spec) && !isDone
        ? isOther(
            spec,
            isSpared ? {...SPARING, ...(isRough && {sensitivity})} : {quantization: quantize},
          )
        : undefined;
    };
  }
  const rules = Object.entries(quantize).map(([pattern, quantization]) => ({
    pattern,
    expression: expressionOf(pattern),
    treatment: quantization ? {quantization} : undefined,
  }));
  const names = specs.filter(isOpen).map(({name}) => name);
  for (const {pattern, expression} of rules) {
    const isUsed = pattern === '*' || names.some((name) => expression.test(name));
    check(isUsed, 'quantize', `patterns of names among ${listed(names)}`, pattern);
  }
  return (spec) =>
    isOpen(spec)
      ? isOther(spec, rules.find(({expression}) => expression.test(spec.name))?.treatment)
      : undefined;
}

/** A number alone is a constant of a graph, such as a threshold or −Infinity to pad with. */
function isQuantizable({dtype, group, shape}: io.WeightsManifestEntry): boolean {
  return dtype === 'float32' && group !== 'optimizer' && shape.length > 0;
}

function expressionOf(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

/** A weight may be named 'clusters', but has no number for a quantization. */
function isSharedValues(value: unknown): value is SharedValues {
  return typeof value === 'object' && typeof (value as SharedValues | null)?.clusters === 'number';
}

function checkQuantization(argument: string, value: unknown): asserts value is Quantization {
  if (!isSharedValues(value)) {
    checkChoice(argument, value as string, NAMES);
    return;
  }
  checkOptions(argument, value, ['clusters', 'init']);
  checkInteger(`${argument}.clusters`, value.clusters, 2);
  const isInRange = value.clusters <= MOST_CLUSTERS;
  check(isInRange, `${argument}.clusters`, `at most ${MOST_CLUSTERS}`, value.clusters);
  if (value.init !== undefined) {
    checkChoice(`${argument}.init`, value.init, CENTROID_INITS);
  }
}
