import {makeCompressed} from './compressed';
import {localFiles} from './node/local_files';

/**
 * A handler that saves models small, and loads them.
 *
 * @example
 * await model.save(compressed('file://mnist'));
 * const copy = await tf.loadLayersModel('https://my.site/mnist/model.json');
 *
 * await model.save(compressed('mnist.tfpack', {format: 'packed', quantize: {clusters: 16}}));
 * const small = await tf.loadLayersModel(compressed('mnist.tfpack', {format: 'packed'}));
 *
 * @param target Where: on Node a path or `file://` and a path, of a directory for
 *   `'tfjs'` and of a file for `'packed'`; any URL that `model.save` and
 *   `tf.loadLayersModel` take; or an IOHandler.
 * @param args The format and how to round.
 * @throws PruningError where an option is wrong; from `save`, with nothing
 *   written, where a weight has values that its quantization can't hold: NaN or
 *   infinity, or for `'float16'` magnitudes above 65504.
 */
export const compressed = makeCompressed(localFiles);

export type {CompressedArgs, Compressed} from './compressed';
export type {Quantization, QuantizationMap, Quantize} from './quantize/quantization';
export type {SharedValues} from './quantize/shared_values';
