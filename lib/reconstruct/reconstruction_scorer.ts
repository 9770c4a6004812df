import {concat, dispose, type Tensor, tensor1d} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {ChannelScorer, type Scorer} from '../channels/channel_scorer';
import {type ChannelGroup, channelGroups} from '../channels/groups/channel_groups';
import type {ScoredGroup} from '../channels/importances/measure';
import {disposeBatches, readBatches} from '../data/batches';
import type {Samples} from '../data/samples';
import {trainedModel} from '../model/trained_model';
import {channelCosts} from './channel_costs';
import {checkFinite} from './check_finite';
import {allLayerSites} from './layer_sites';

/**
 * Scores channels by what the layers that read them could not make up for.
 *
 * Scores are of the model as it is when it is first asked, of all its channels: a
 * second call finds channels gone, and layers that do not make up for them yet.
 * Channels that no layer reads by a kernel of its own, and those before very wide
 * layers, are scored by their norm.
 */
export class ReconstructionScorer implements Scorer {
  readonly isWaiting = false;
  private readonly byNorm = new ChannelScorer({importance: 'l2'});
  private costs: Map<LayerVariable, Float64Array> | null = null;

  constructor(
    private readonly calibration: Samples,
    private readonly signal?: AbortSignal,
  ) {}

  async begin(model: LayersModel, groups: readonly ChannelGroup[]): Promise<void> {
    const isStateful = trainedModel(model).stateful;
    check(!isStateful, 'model', 'one without state between batches', model.name);
    await this.byNorm.begin(model, groups);
  }

  observe(): void {}

  async score(model: LayersModel, groups: readonly ScoredGroup[]): Promise<Tensor> {
    this.costs ??= await this.measure(model);
    const scores: Tensor[] = [];
    try {
      for (const each of groups) {
        const costs = this.costs.get(keyOf(each.group));
        scores.push(
          costs ? tensor1d(Float32Array.from(costs)) : await this.byNorm.score(model, [each]),
        );
      }
      return concat(scores);
    } finally {
      dispose(scores);
    }
  }

  dispose(): void {
    this.byNorm.dispose();
  }

  private async measure(model: LayersModel): Promise<Map<LayerVariable, Float64Array>> {
    const batches = await readBatches(model, this.calibration, false);
    try {
      await checkFinite(batches);
      const sites = allLayerSites(model, batches[0]);
      const open = channelGroups(model).filter(({frozen}) => frozen === undefined);
      const costs = new Map<LayerVariable, Float64Array>();
      for (const group of open) {
        this.signal?.throwIfAborted();
        const own = await channelCosts(group, sites, batches);
        if (own !== null) {
          costs.set(keyOf(group), own);
        }
      }
      return costs;
    } finally {
      disposeBatches(batches);
    }
  }
}

/** What tells a group from others. */
function keyOf({members}: ChannelGroup): LayerVariable {
  return members[0].variable;
}
