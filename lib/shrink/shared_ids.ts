import type {LayersModel} from '@tensorflow/tfjs-layers';

import {idFlow, type Lookup} from '../model/id_flow';
import {trainedModel} from '../model/trained_model';

/** Embeddings whose words have the same numbers: these come in the same inputs. */
export interface SharedIds {
  /** Names of the model's inputs. */
  readonly inputs: readonly string[];
  readonly lookups: readonly Lookup[];
  /** Why the words must keep their numbers, if so. */
  readonly frozen: string | undefined;
}

/** The embeddings of `model`, those together that share an input or are one layer. */
export function sharedIds(model: LayersModel): SharedIds[] {
  const {lookups, otherReaders} = idFlow(model);
  const {inputNames} = trainedModel(model);
  let drafts: Array<{inputs: Set<number>; lookups: Lookup[]}> = [];
  for (const lookup of lookups) {
    const isShared = (draft: (typeof drafts)[number]) =>
      [...lookup.inputs].some((input) => draft.inputs.has(input)) ||
      draft.lookups.some(({layer}) => layer === lookup.layer);
    const former = drafts.filter(isShared);
    drafts = drafts.filter((draft) => !former.includes(draft));
    drafts.push({
      inputs: new Set([...former.flatMap(({inputs}) => [...inputs]), ...lookup.inputs]),
      lookups: [...former.flatMap((draft) => draft.lookups), lookup],
    });
  }
  return drafts.map((draft) => {
    const inputs = [...draft.inputs].sort((a, b) => a - b);
    const computed = draft.lookups.find(({isComputed}) => isComputed);
    const reader = inputs.map((input) => otherReaders.get(input)).find(Boolean);
    const frozen = computed
      ? `layer '${computed.path}' looks up ids that the model computes`
      : reader && `${reader} reads the ids too`;
    return {inputs: inputs.map((i) => inputNames[i]), lookups: draft.lookups, frozen};
  });
}
