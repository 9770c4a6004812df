interface WeightSpec {
  shape: number[];
  dtype: string;
  quantization?: {dtype: string};
}

interface WeightGroup {
  paths: string[];
  weights: WeightSpec[];
}

interface ModelJson {
  modelTopology?: {keras_version?: unknown} | null;
  weightsManifest?: unknown;
  /** Of a model's layers alone, as Keras writes them. */
  class_name?: unknown;
}

/** The files of a model: of a packed one there is only the first. */
export interface ModelFiles {
  model: File;
  weights: File[];
  /** The version of Keras that wrote it, if one did. */
  keras: string;
}

/** A file that may be a model, as read; `fault` says what it is instead of JSON. */
interface Candidate {
  file: File;
  json: ModelJson | null;
  fault?: string;
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
/** Names in a message, at most. */
const NAMED = 3;

/** Whether `file` is a packed model, by its name. */
export function isPacked({name}: File): boolean {
  return /\.tfpack$/i.test(name);
}

/** The model and the weights among `files`; throws what is wrong with them, in words. */
export async function modelFilesOf(files: readonly File[]): Promise<ModelFiles> {
  const packed = files.filter(isPacked);
  const read = await Promise.all(files.filter(({name}) => /\.json$/i.test(name)).map(readJson));
  if (packed.length + read.length === 0) {
    throw new Error(noModel(files));
  }
  // Other files of a folder may be of any kind.
  const models = read.filter(({json}) => json?.modelTopology != null);
  if (packed.length + models.length > 1) {
    const names = [...packed, ...models.map(({file}) => file)].map(({name}) => name);
    throw new Error(`Give one model at a time. These are ${some(names)}.`);
  }
  if (packed.length === 1) {
    if (packed[0].size === 0) {
      throw new Error(`${packed[0].name} is empty. Download or save it again.`);
    }
    return {model: packed[0], weights: [], keras: ''};
  }
  if (models.length === 0) {
    throw new Error(noTopology(read));
  }
  const [{file, json}] = models;
  const {keras_version: keras = ''} = json!.modelTopology!;
  return {model: file, weights: weightsOf(file, json!, files), keras: String(keras)};
}

function noModel(files: readonly File[]): string {
  for (const {name} of files) {
    const known = OTHER_KINDS.find(([pattern]) => pattern.test(name.toLowerCase()));
    if (known) {
      return `${name} ${known[1]}.`;
    }
  }
  return (
    `There is no model in ${some(files.map(({name}) => name))}. ` +
    'Give a model.json together with its weights files, or a packed model.tfpack' +
    (files.every(({type}) => type.startsWith('image/')) ? '; then sample images.' : '.')
  );
}

function noTopology(read: readonly Candidate[]): string {
  const broken = read.find(({fault}) => fault !== undefined);
  if (broken) {
    return `${broken.file.name} ${broken.fault}`;
  }
  const layers = read.find(({json}) => typeof json?.class_name === 'string');
  return layers
    ? `${layers.file.name} holds the layers of a Keras model without its weights. ` +
        'Save the whole model, and convert it with tensorflowjs_converter.'
    : `${some(read.map(({file}) => file.name))} holds no model of TensorFlow.js: it has no modelTopology.`;
}

function weightsOf(file: File, {weightsManifest}: ModelJson, files: readonly File[]): File[] {
  const groups = weightsManifest ?? [];
  if (!isManifest(groups)) {
    throw new Error(
      `${file.name} is damaged: its weightsManifest does not list weights and files.`,
    );
  }
  const given = new Map(files.map((each) => [each.name, each]));
  const baseOf = (path: string) => path.split('/').at(-1)!;
  const paths = groups.flatMap((group) => group.paths);
  if (paths.length === 0) {
    throw new Error(`${file.name} has no weights. Save the model by model.save(…).`);
  }
  const missing = paths.filter((path) => !given.has(baseOf(path)));
  if (missing.length > 0) {
    throw new Error(`Choose these weights files together with ${file.name}: ${some(missing)}.`);
  }
  for (const group of groups) {
    const expected = group.weights.reduce((all, weight) => all + byteLengthOf(weight), 0);
    const own = group.paths.map((path) => given.get(baseOf(path))!);
    const received = own.reduce((all, {size}) => all + size, 0);
    // NaN where a weight is of text.
    if (!Number.isNaN(expected) && received !== expected) {
      const isOne = own.length === 1;
      throw new Error(
        `${some(own.map(({name}) => name))} must have ${expected.toLocaleString('en')} bytes ` +
          `${isOne ? '' : 'together '}for ${file.name}, but ${isOne ? 'has' : 'have'} ` +
          `${received.toLocaleString('en')}. ` +
          `${isOne ? 'It is damaged, or belongs' : 'They are damaged, or belong'} to another model.`,
      );
    }
  }
  return paths.map((path) => given.get(baseOf(path))!);
}

function isManifest(manifest: unknown): manifest is WeightGroup[] {
  const isGroup = (group: Partial<WeightGroup> | null) =>
    Array.isArray(group?.paths) &&
    group.paths.every((path) => typeof path === 'string') &&
    Array.isArray(group.weights) &&
    group.weights.every((weight?: Partial<WeightSpec>) => Array.isArray(weight?.shape));
  return Array.isArray(manifest) && manifest.every(isGroup);
}

function byteLengthOf({shape, dtype, quantization}: WeightSpec): number {
  const size = shape.reduce((all, each) => all * each, 1);
  return size * (BYTES[quantization?.dtype ?? dtype] ?? NaN);
}

async function readJson(file: File): Promise<Candidate> {
  if (file.size === 0) {
    return {file, json: null, fault: 'is empty. Download or save it again.'};
  }
  try {
    return {file, json: JSON.parse(await file.text()) as ModelJson | null};
  } catch {
    const fault = 'is not JSON. A model is saved as model.json with its weights files.';
    return {file, json: null, fault};
  }
}

/** The first of `names`, and how many more there are. */
function some(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** Why a model of these files could not be made, in words that say what to do. */
export function explained(error: unknown, {model: file, keras}: ModelFiles): Error {
  const message = error instanceof Error ? error.message : String(error);
  const [, layer] = /Unknown layer: (\w+)/.exec(message) ?? [];
  const text = isPacked(file)
    ? `${file.name} is no packed model, or it is damaged: ${message}`
    : layer
      ? `The model has a layer of its own, ${layer}, which this page does not know. ` +
        'Prune it in a program that registers the layer.'
      : /^[3-9]/.test(keras)
        ? `${file.name} was written by Keras ${keras}, whose models TensorFlow.js does not read. ` +
          'Save the model with Keras 2 (the package tf_keras), and convert it again.'
        : `${file.name} could not be loaded: ${message}`;
  return new Error(text, {cause: error});
}
