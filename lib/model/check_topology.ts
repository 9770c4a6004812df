import {check} from '../base/check';

type JSONObject = Readonly<Record<string, unknown>>;

/** A layer in the list of a model, and what is known of its calls. */
interface Entry {
  name: string;
  /** The calls that are still to be made: for each the layer and call that its inputs are of. */
  waiting: ReadonlyArray<ReadonlyArray<readonly [layer: string, call: unknown]>>;
  /** Calls that are made. */
  made: number;
}

/** Classes of models: those of which `layers` lists layers with their inputs. */
const MODELS: ReadonlySet<unknown> = new Set(['Model', 'Functional', 'LayersModel']);

/**
 * Throws where tfjs would never be done with building the model of a `modelTopology`: where
 * a layer, in this model or one nested in it, has an input of a layer that is missing or comes
 * after it in a circle. Whatever else is wrong tfjs finds itself.
 *
 * @param path Of the model; named in errors.
 * @throws PruningError that names the layer and its input.
 */
export function checkTopology(path: string, modelTopology: unknown): void {
  const left: unknown[] = [modelTopology];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'object' && value !== null) {
      const {layers} = value as JSONObject;
      if (Array.isArray(layers) && layers.some(hasInputs)) {
        checkCalls(path, layers.filter(isObject));
      }
      Object.values(value).forEach((each) => left.push(each));
    }
  }
}

/** Makes the calls as tfjs does, round after round, until all are made or none can be. */
function checkCalls(path: string, layers: readonly JSONObject[]): void {
  const entries = new Map<string, Entry>();
  for (const layer of layers) {
    const name = String(layer.name);
    check(!entries.has(name), path, 'layers of different names', name);
    entries.set(name, {name, waiting: callsOf(layer), made: firstCalls(layer)});
  }
  checkOwnNames(path, layers);
  let waiting = [...entries.values()];
  for (let isProgress = true; isProgress && waiting.length > 0;) {
    isProgress = false;
    for (const entry of waiting) {
      const {length} = entry.waiting;
      entry.waiting = entry.waiting.filter((inputs) => {
        const isReady = inputs.every(([layer, call]) => isMade(entries.get(layer), call));
        entry.made += isReady && inputs.length > 0 ? 1 : 0;
        return !isReady;
      });
      isProgress ||= entry.waiting.length < length;
    }
    waiting = waiting.filter((entry) => entry.waiting.length > 0);
  }
  if (waiting.length > 0) {
    const [{name, waiting: calls}] = waiting;
    const [input] = calls[0].find(([layer, call]) => !isMade(entries.get(layer), call))!;
    const reason = entries.has(input) ? 'one that waits for it in turn' : 'no layer of the model';
    check(false, path, `inputs of '${name}' that layers before it give`, `'${input}', ${reason}`);
  }
}

/**
 * tfjs lists calls by the layers' own names, in their configurations: where two are the same, or
 * one is missing and may become another's, it makes the calls of one layer with the other.
 */
function checkOwnNames(path: string, layers: readonly JSONObject[]): void {
  const names = new Set<string>();
  const nameless: unknown[] = [];
  for (const {class_name, className = class_name, config} of layers) {
    const name = isObject(config) ? config.name : undefined;
    if (!name) {
      nameless.push(className);
    } else {
      check(!names.has(String(name)), path, 'layers of different names', name);
      names.add(String(name));
    }
  }
  for (const className of nameless) {
    const isMade = (name: string) => name.replace(/\d+$/, '').endsWith(`_${String(className)}`);
    const clash = [...names].find(isMade);
    check(clash === undefined, path, `a name for each layer, since one is '${clash}'`, undefined);
  }
}

/** As tfjs compares it: a call that is no number counts as made, and is an error later. */
function isMade(entry: Entry | undefined, call: unknown): boolean {
  return entry !== undefined && !(entry.made <= (call as number));
}

/** As tfjs reads them, also where an input is no list; at what is `null` it stops. */
function callsOf(layer: JSONObject): Entry['waiting'] {
  const calls = layer.inbound_nodes ?? layer.inboundNodes;
  return (Array.isArray(calls) ? calls : []).map((inputs: unknown) =>
    (Array.isArray(inputs) ? inputs : [])
      .filter((input) => input != null)
      .map(
        (input: object) =>
          [String(Reflect.get(Object(input), 0)), Reflect.get(Object(input), 1)] as const,
      ),
  );
}

/** Inputs and models are called once as they are made. */
function firstCalls({class_name, className = class_name, config}: JSONObject): number {
  if (className === 'InputLayer' || MODELS.has(className)) {
    return 1;
  }
  return className === 'Sequential' && hasInputShape(config) ? 1 : 0;
}

/** Whether a Sequential knows the shape of its input. */
function hasInputShape(config: unknown): boolean {
  const layers = Array.isArray(config) ? config : isObject(config) ? config.layers : undefined;
  const first: unknown = Array.isArray(layers) ? layers[0] : undefined;
  if (!isObject(first)) {
    return false;
  }
  const {batch_input_shape, batchInputShape = batch_input_shape} = isObject(first.config)
    ? first.config
    : {};
  return batchInputShape != null || firstCalls(first) === 1;
}

function hasInputs(layer: unknown): boolean {
  return isObject(layer) && ('inbound_nodes' in layer || 'inboundNodes' in layer);
}

function isObject(value: unknown): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
