interface WeightSpec {
  shape: number[];
  dtype: string;
  quantization?: {dtype: string};
}

interface ModelJson {
  modelTopology?: unknown;
  weightsManifest?: {paths: string[]; weights: WeightSpec[]}[];
}

/** The files of a model: of a packed one there is only the first. */
export interface ModelFiles {
  model: File;
  weights: File[];
}

const CONVERTER = 'convert it with tensorflowjs_converter first';
/** Files that visitors may take for a model of TensorFlow.js, and what to do with them. */
const OTHER_KINDS: readonly [RegExp, string][] = [
  [/\.(h5|hdf5|keras)$/, `holds a model of Keras: ${CONVERTER}`],
  [/\.pb$/, `is part of a SavedModel of TensorFlow: ${CONVERTER}, with the whole folder`],
  [/\.tflite$/, 'holds a model of TensorFlow Lite. Take the model that it was made from'],
  [/\.(onnx|pt|pth|safetensors)$/, 'holds no model of TensorFlow.js'],
  [/\.(zip|gz|tgz)$/, 'has to be unpacked first'],
];
const BYTES: Record<string, number> = {
  float32: 4,
  int32: 4,
  complex64: 8,
  float16: 2,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/** The model and the weights among `files`; throws what is wrong with them, in words. */
export async function modelFilesOf(files: readonly File[]): Promise<ModelFiles> {
  const packed = files.filter(({name}) => name.endsWith('.tfpack'));
  const candidates = files.filter(({name}) => name.endsWith('.json'));
  if (packed.length + candidates.length === 0) {
    throw new Error(noModel(files));
  }
  const read = await Promise.all(
    candidates.map(async (file) => ({file, json: await jsonOf(file)})),
  );
  const models = read.filter(({json}) => json?.modelTopology != null);
  if (packed.length + models.length > 1) {
    const names = [...packed, ...models.map(({file}) => file)].map(({name}) => name);
    throw new Error(`Give one model at a time. These are ${names.join(', ')}.`);
  }
  if (packed.length === 1) {
    return {model: packed[0], weights: []};
  }
  if (models.length === 0) {
    const names = candidates.map(({name}) => name).join(', ');
    throw new Error(`${names} holds no model of TensorFlow.js: it has no modelTopology.`);
  }
  const [{file, json}] = models;
  return {model: file, weights: weightsOf(file, json!, files)};
}

function noModel(files: readonly File[]): string {
  for (const {name} of files) {
    const known = OTHER_KINDS.find(([pattern]) => pattern.test(name.toLowerCase()));
    if (known) {
      return `${name} ${known[1]}.`;
    }
  }
  const names = files.map(({name}) => name);
  const some = names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '');
  return (
    `There is no model in ${some}. ` +
    'Give a model.json together with its weights files, or a packed model.tfpack.'
  );
}

function weightsOf(file: File, {weightsManifest}: ModelJson, files: readonly File[]): File[] {
  const groups = weightsManifest ?? [];
  const given = new Map(files.map((each) => [each.name, each]));
  const baseOf = (path: string) => path.split('/').at(-1)!;
  const paths = groups.flatMap((group) => group.paths);
  if (paths.length === 0) {
    throw new Error(`${file.name} has no weights. Save the model by model.save(…).`);
  }
  const missing = paths.filter((path) => !given.has(baseOf(path)));
  if (missing.length > 0) {
    throw new Error(
      `Choose these weights files together with ${file.name}: ${missing.join(', ')}.`,
    );
  }
  for (const group of groups) {
    const expected = group.weights.reduce((all, weight) => all + byteLengthOf(weight), 0);
    const own = group.paths.map((path) => given.get(baseOf(path))!);
    const received = own.reduce((all, {size}) => all + size, 0);
    // NaN where a weight is of text.
    if (!Number.isNaN(expected) && received !== expected) {
      throw new Error(
        `${own.map(({name}) => name).join(', ')} must have ${expected.toLocaleString('en')} bytes ` +
          `for ${file.name}, but has ${received.toLocaleString('en')}. ` +
          'It is damaged, or belongs to another model.',
      );
    }
  }
  return paths.map((path) => given.get(baseOf(path))!);
}

function byteLengthOf({shape, dtype, quantization}: WeightSpec): number {
  const size = shape.reduce((all, each) => all * each, 1);
  return size * (BYTES[quantization?.dtype ?? dtype] ?? NaN);
}

async function jsonOf(file: File): Promise<ModelJson | null> {
  try {
    return JSON.parse(await file.text()) as ModelJson | null;
  } catch (cause) {
    throw new Error(
      `${file.name} is not JSON. A model is saved as model.json with its weights files.`,
      {cause},
    );
  }
}

/** Why a model of `file` could not be made, in words that say what to do. */
export function explained(error: unknown, file: File): Error {
  const message = error instanceof Error ? error.message : String(error);
  const [, layer] = /Unknown layer: (\w+)/.exec(message) ?? [];
  const text = file.name.endsWith('.tfpack')
    ? `${file.name} is no packed model, or it is damaged: ${message}`
    : layer
      ? `The model has a layer of its own, ${layer}, which this page does not know. ` +
        'Prune it in a program that registers the layer.'
      : `${file.name} could not be loaded: ${message}`;
  return new Error(text, {cause: error});
}
