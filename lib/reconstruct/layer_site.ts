import type {Tensor} from '@tensorflow/tfjs-core';
import type {layers, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import type {Batch} from '../data/batches';
import {readWeight} from '../model/read_weight';
import {withWeights} from '../model/with_weights';
import {inputsOf} from './layer_inputs';
import type {LinearLayer} from './layer_maps';
import type {LinearMap} from './linear_map';
import type {Site, SiteWeights, Version} from './site';

/** The weights of a model before it was pruned, by its variables. */
export type DenseWeights = ReadonlyMap<LayerVariable, Tensor>;

/** A layer of a LayersModel as a site. */
export class LayerSite implements Site<Batch> {
  readonly map: LinearMap;
  /** The kernel, which masks belong to. */
  readonly kernel: LayerVariable;
  private readonly bias: LayerVariable | null;

  /**
   * @param calls How often `model` calls the layer.
   * @param dense The weights of all of `model`.
   */
  constructor(
    readonly name: string,
    readonly layer: layers.Layer,
    part: LinearLayer,
    private readonly model: LayersModel,
    private readonly calls: number,
    private readonly dense: DenseWeights,
  ) {
    this.map = part.map;
    this.kernel = part.kernel;
    this.bias = part.bias;
  }

  read(version: Version): SiteWeights {
    const valueOf = (variable: LayerVariable) =>
      version === 'dense' ? this.dense.get(variable)! : readWeight(variable);
    return {kernel: valueOf(this.kernel), bias: this.bias && valueOf(this.bias)};
  }

  write({kernel, bias}: SiteWeights): void {
    assign(this.kernel, kernel);
    if (this.bias && bias) {
      assign(this.bias, bias);
    }
  }

  async inputs(batch: Batch, version: Version): Promise<Tensor[]> {
    return this.as(version, () => inputsOf(this.model, this.layer, batch, this.calls));
  }

  rows(input: Tensor, version: Version): Tensor {
    return this.as(version, () => this.map.rows(input));
  }

  private as<T>(version: Version, run: () => T): T {
    return version === 'dense' ? withWeights(this.dense, run) : run();
  }
}

function assign(variable: LayerVariable, value: Tensor): void {
  // A variable shares the data of what it is assigned, which its owner disposes.
  readWeight(variable).assign(value);
}
