import {gather, tensor1d} from '@tensorflow/tfjs-core';
import type {layers, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkOptions} from '../base/check';
import {readVectors} from '../base/read_vectors';
import {checkModel} from '../model/check_model';
import {takeOver} from '../model/copy_compilation';
import {masksZero, rowsOfEmbedding} from '../model/layer_settings';
import {visitConfigs} from '../model/layer_tree';
import {weight} from '../model/layer_weights';
import {disposeModel, rebuild} from '../model/rebuild';
import {effectiveWeight, zeroSlices} from '../projection/effective_weight';
import {type SharedIds, sharedIds} from './shared_ids';

type Layer = layers.Layer;

/** Arguments of `shrinkVocabulary`. */
export interface ShrinkVocabularyArgs {
  /**
   * Ids of words whose rows are kept, even if they are zero, such as those for start and
   * unknown words. Id 0, the padding, always stays 0. Default: none.
   */
  keep?: readonly number[];
  /**
   * The id that replaces removed words, such as that of unknown words, whose row is
   * kept. Default: a word whose row is zero, so that the new model predicts exactly the
   * same as the old one.
   */
  unknown?: number;
}

/** Word ids in some inputs of a model, and their new ids. */
export interface Vocabulary {
  /** Names of the inputs that hold the word ids. */
  inputs: string[];
  /** Paths of the embeddings that look them up. */
  layers: string[];
  /** How many ids there were: the number of rows of the largest embedding. */
  size: number;
  /**
   * The old id of each new one, in rising order: `kept.map((old) => words[old])` is
   * the new word list.
   */
  kept: number[];
  /** The new id of each old one. */
  ids: Int32Array;
  /** Why all words had to stay; `undefined` if they did not. */
  frozen: string | undefined;
}

/** A model with fewer words, and their new ids. */
export interface ShrunkVocabulary<T extends LayersModel> {
  /** The new model. The caller owns it. */
  model: T;
  /** One vocabulary for each embedding, or for several that read the same inputs. */
  vocabularies: Vocabulary[];
}

/**
 * Returns a smaller model without the rows of embeddings that are zero: words that a
 * pruner with `structure: {block: [1, Infinity]}` has pruned. The remaining words have
 * new ids, which `vocabularies` lists.
 *
 * The removed words share one row of zeros, so the new model predicts for the new ids
 * exactly what `model` does for the old ones. With `unknown` they become that word
 * instead, as with a word list without them. Embeddings that read the same inputs lose
 * the same rows. All words stay if another layer reads the ids.
 *
 * If `model` is compiled, the new model is too, with a fresh optimizer. `model` does not
 * change; dispose it when you no longer need it.
 *
 * @param model Any `tf.sequential` or `tf.model`, nested ones included.
 * @throws PruningError for a value that is not a LayersModel, one without embeddings, an
 *   unknown option, and for an id that no embedding has.
 * @example
 * const {model: smaller, vocabularies} = await shrinkVocabulary(model, {keep: [1, 2]});
 * const [{ids}] = vocabularies;
 * smaller.predict(tf.tensor2d([[12, 7, 0].map((old) => ids[old])]));
 */
export async function shrinkVocabulary<T extends LayersModel>(
  model: T,
  args: ShrinkVocabularyArgs = {},
): Promise<ShrunkVocabulary<T>> {
  checkModel(model);
  checkOptions('shrinkVocabulary', args, ['keep', 'unknown']);
  const {keep = [], unknown} = args;
  const shared = sharedIds(model);
  check(shared.length > 0, 'model', 'a model with an Embedding', 'one without');
  checkIds(shared, keep, unknown);
  const zero = await zeroRows(shared);
  const vocabularies = shared.map((each, i) =>
    each.frozen === undefined ? shrunk(each, zero[i], keep, unknown) : whole(each),
  );
  const keptBy = new Map<Layer | LayerVariable, number[]>();
  shared.forEach(({lookups}, i) =>
    lookups.forEach(({layer}) => {
      const rows = vocabularies[i].kept.filter((row) => row < rowsOfEmbedding(layer));
      keptBy.set(layer, rows).set(tableOf(layer), rows);
    }),
  );
  const smaller = rebuild(model, {
    edit: (config) =>
      visitConfigs(model, config, (layer, own) => {
        own.inputDim = keptBy.get(layer)?.length ?? own.inputDim;
      }),
    weightOf: (variable) => {
      const [rows, table] = [keptBy.get(variable), effectiveWeight(variable)];
      return rows ? gather(table, tensor1d(rows, 'int32')) : table;
    },
  });
  try {
    takeOver(model, smaller);
  } catch (cause) {
    disposeModel(smaller);
    throw cause;
  }
  return {model: smaller, vocabularies};
}

function checkIds(
  shared: readonly SharedIds[],
  keep: readonly number[],
  unknown: number | undefined,
): void {
  check(Array.isArray(keep), 'keep', 'a list of word ids', keep);
  const least = Math.min(...shared.map(({lookups}) => rowsOfAll(lookups).least));
  const given = keep.map((id, i) => [`keep[${i}]`, id] as const);
  const all = unknown === undefined ? given : [...given, ['unknown', unknown] as const];
  for (const [name, id] of all) {
    checkInteger(name, id, 0);
    check(id < least, name, `a word id below ${least}`, id);
  }
}

/** For each vocabulary 1 at each number whose row is zero in all embeddings that have it. */
async function zeroRows(shared: readonly SharedIds[]): Promise<Float32Array[]> {
  const tables = shared.flatMap(({lookups}) => lookups.map(({layer}) => tableOf(layer)));
  const flags = await readVectors<'float32'>(() => tables.map((table) => zeroSlices(table, 0)));
  return shared.map(({lookups}) => {
    const own = flags.splice(0, lookups.length);
    return Float32Array.from({length: rowsOfAll(lookups).most}, (_, id) =>
      own.every((rows) => rows[id] !== 0) ? 1 : 0,
    );
  });
}

function shrunk(
  each: SharedIds,
  zero: Float32Array,
  keep: readonly number[],
  unknown: number | undefined,
): Vocabulary {
  const {lookups} = each;
  const all = [...zero.keys()];
  const asked = new Set([0, ...keep, ...(unknown === undefined ? [] : [unknown])]);
  // What stands for a removed word: without a choice, what it is itself, a row of zeros.
  const isLeftOut = lookups.some(({layer}) => masksZero(layer));
  const zeros = all.filter((id) => zero[id] === 1 && (id > 0 || !isLeftOut));
  const removed = unknown ?? zeros.find((id) => asked.has(id)) ?? zeros[0];
  const kept = all.filter((id) => zero[id] === 0 || asked.has(id) || id === removed);
  const numbers = new Map(kept.map((old, id) => [old, id]));
  const ids = Int32Array.from(all, (old) => numbers.get(old) ?? (numbers.get(removed) as number));
  return {...summary(each), kept, ids};
}

function whole(each: SharedIds): Vocabulary {
  const {most} = rowsOfAll(each.lookups);
  const kept = Array.from({length: most}, (_, id) => id);
  return {...summary(each), kept, ids: Int32Array.from(kept)};
}

function summary({inputs, lookups, frozen}: SharedIds) {
  const paths = [...new Set(lookups.map(({path}) => path))];
  return {inputs: [...inputs], layers: paths, size: rowsOfAll(lookups).most, frozen};
}

function rowsOfAll(lookups: SharedIds['lookups']): {least: number; most: number} {
  const rows = lookups.map(({layer}) => rowsOfEmbedding(layer));
  return {least: Math.min(...rows), most: Math.max(...rows)};
}

function tableOf(layer: Layer): LayerVariable {
  return weight(layer, 'embeddings') as LayerVariable;
}
