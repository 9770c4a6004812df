import {clone, keep, type Tensor} from '@tensorflow/tfjs-core';

import {replaceWeights} from '../files/artifacts/replace_weights';
import {graphArtifacts, type GraphModelLike, setGraphWeights} from '../model/graph_model';

/** The constants of a graph as they were at a moment. */
export class GraphState {
  /** By name; copies that share their data with the graph until it changes, owned by this state. */
  readonly values: ReadonlyMap<string, Tensor>;
  private readonly ids: ReadonlyMap<string, number>;

  constructor({weights}: GraphModelLike) {
    const floats = Object.entries(weights).filter(
      ([, all]) => all.length === 1 && all[0].dtype === 'float32',
    );
    this.values = new Map(floats.map(([name, [value]]) => [name, keep(clone(value))]));
    this.ids = new Map(floats.map(([name, [value]]) => [name, value.id]));
  }

  /** The names of what has been replaced since. */
  changed({weights}: GraphModelLike): string[] {
    return [...this.ids].filter(([name, id]) => weights[name][0].id !== id).map(([name]) => name);
  }

  /** Gives the graph back what it had. */
  restore(model: GraphModelLike): void {
    const former = this.changed(model).map((name): [string, Tensor] => [
      name,
      clone(this.values.get(name)!),
    ]);
    setGraphWeights(model, new Map(former));
  }

  /** Frees the copies. */
  dispose(): void {
    this.values.forEach((value) => value.dispose());
  }
}

/** Makes the graph be saved with what some constants are now: it saves what it was loaded from. */
export async function keepInArtifacts(
  model: GraphModelLike,
  names: readonly string[],
): Promise<void> {
  const artifacts = graphArtifacts(model);
  // What was loaded as a stream has no data left to change.
  const all = artifacts.weightData === undefined ? Object.keys(model.weights) : names;
  const values = new Map<string, Float32Array>();
  for (const name of all) {
    values.set(name, await model.weights[name][0].data<'float32'>());
  }
  Object.assign(artifacts, replaceWeights(artifacts, values), {getWeightStream: undefined});
}
