import {clone, type Tensor, tidy} from '@tensorflow/tfjs-core';

import {type GraphModelLike, setGraphWeights, withGraphWeights} from '../model/graph_model';
import type {LinearNode} from './graph_maps';
import type {LinearMap} from './linear_map';
import type {Site, SiteWeights, Version} from './site';

/** Samples that go through a graph together: a tensor for each of its inputs. */
export type GraphBatch = readonly Tensor[];

/** Constants of a graph, by name. */
export type GraphWeights = ReadonlyMap<string, Tensor>;

/** A kernel of a GraphModel as a site: the nodes that take it. */
export class GraphSite implements Site<GraphBatch> {
  readonly name: string;
  readonly map: LinearMap;
  /** The name of the bias. */
  readonly bias: string | null;

  /**
   * @param nodes The nodes that take the kernel, alike but for their inputs.
   * @param dense The constants that pruning changes, as they were before.
   */
  constructor(
    private readonly model: GraphModelLike,
    private readonly nodes: readonly LinearNode[],
    private readonly dense: GraphWeights,
  ) {
    const [{map, kernel, bias}] = nodes;
    this.name = kernel;
    this.map = map;
    this.bias = bias;
  }

  read(version: Version): SiteWeights {
    const valueOf = (name: string) =>
      (version === 'dense' ? this.dense.get(name) : undefined) ?? this.model.weights[name][0];
    return {kernel: valueOf(this.name), bias: this.bias && valueOf(this.bias)} as SiteWeights;
  }

  write({kernel, bias}: SiteWeights): void {
    const values = new Map([[this.name, tidy(() => clone(kernel))]]);
    if (this.bias !== null && bias) {
      values.set(
        this.bias,
        tidy(() => clone(bias)),
      );
    }
    setGraphWeights(this.model, values);
  }

  async inputs(batch: GraphBatch, version: Version): Promise<Tensor[]> {
    const run = () => this.run(batch);
    return version === 'dense' ? withGraphWeights(this.model, this.dense, run) : run();
  }

  rows(input: Tensor): Tensor {
    return this.map.rows(input);
  }

  private async run(batch: GraphBatch): Promise<Tensor[]> {
    const names = this.nodes.map(({input}) => input);
    const inputs = this.model.inputs.map(({name}) => plain(name));
    // What the model is given is no output of it.
    const inner = [...new Set(names.filter((name) => !inputs.includes(plain(name))))];
    const made = inner.length > 0 ? await execute(this.model, batch, inner) : [];
    return names.map((name) => {
      const given = inputs.indexOf(plain(name));
      return given >= 0 ? clone(batch[given]) : made[inner.indexOf(name)];
    });
  }
}

/** Outputs of nodes, owned by the caller. What has control flow cannot run at once. */
async function execute(
  model: GraphModelLike,
  batch: GraphBatch,
  names: string[],
): Promise<Tensor[]> {
  const inputs = [...batch];
  try {
    return [model.execute(inputs, names)].flat() as Tensor[];
  } catch (error) {
    if (error instanceof Error && /executeAsync/.test(error.message)) {
      return [await model.executeAsync(inputs, names)].flat() as Tensor[];
    }
    throw error;
  }
}

function plain(name: string): string {
  return name.replace(/:0$/, '');
}
