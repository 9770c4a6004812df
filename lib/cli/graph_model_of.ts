import type {GraphModel} from '@tensorflow/tfjs-converter';

import {PruningError} from '../base/errors';
import type {StoredModel} from './model_file';
import {messageOf} from './output';

/**
 * The GraphModel in `stored`, with its weights.
 *
 * @throws PruningError where tfjs-converter is not installed, or can't load it.
 */
export async function graphModelOf({path, load}: StoredModel): Promise<GraphModel> {
  const converter = await import('@tensorflow/tfjs-converter').catch((cause) => {
    const expected = '@tensorflow/tfjs-converter to be installed, for a GraphModel';
    throw new PruningError(path, expected, 'none', {cause});
  });
  return converter.loadGraphModel({load}).catch((cause) => {
    throw new PruningError(path, 'a GraphModel', messageOf(cause), {cause});
  });
}
