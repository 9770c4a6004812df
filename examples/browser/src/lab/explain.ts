interface ModelJson {
  modelTopology?: unknown;
  weightsManifest?: {paths: string[]}[];
}

/** The file of `files` that holds a model; throws what is wrong with them, in words. */
export async function modelFileOf(files: readonly File[]): Promise<File> {
  const file = files.find(({name}) => /\.(json|tfpack)$/.test(name));
  if (!file) {
    const names = files.map(({name}) => name).join(', ');
    throw new Error(
      `There is no model in ${names}. ` +
        'Give a model.json together with its weights files, or a packed model.tfpack.',
    );
  }
  if (file.name.endsWith('.tfpack')) {
    return file;
  }
  const json = await jsonOf(file);
  if (json?.modelTopology == null) {
    throw new Error(`${file.name} holds no model of TensorFlow.js: it has no modelTopology.`);
  }
  const given = new Set(files.map(({name}) => name));
  const missing = (json.weightsManifest ?? [])
    .flatMap(({paths}) => paths)
    .filter((path) => !given.has(path.split('/').at(-1)!));
  if (missing.length > 0) {
    throw new Error(
      `Choose these weights files together with ${file.name}: ${missing.join(', ')}.`,
    );
  }
  return file;
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
