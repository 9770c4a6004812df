import {makeCompressed} from './compressed';
import {localFiles} from './node/local_files';

/**
 * Makes a handler that saves models in fewer bytes, and loads them.
 *
 * @example
 * await model.save(compressed('file://mnist'));
 * const copy = await tf.loadLayersModel('https://my.site/mnist/model.json');
 *
 * await model.save(compressed('mnist.tfpack', {format: 'packed', quantize: {clusters: 16}}));
 * const small = await tf.loadLayersModel(compressed('mnist.tfpack', {format: 'packed'}));
 *
 * @param target Where to save or load. On Node: a path, with or without `file://`, of a
 *   directory for `'tfjs'` and of a file for `'packed'`. Anywhere: a URL that
 *   `model.save` and `tf.loadLayersModel` take, or an IOHandler.
 * @param args The format and the rounding.
 * @throws PruningError for a wrong option. `save` throws it, and writes nothing, if a
 *   weight cannot be quantized as asked: NaN or infinity, or magnitudes above 65504 with
 *   `'float16'`.
 */
export const compressed = makeCompressed(localFiles);

export type {CompressedArgs, Compressed} from './compressed';
export type {Quantization, QuantizationMap, Quantize} from './quantize/quantization';
export type {SharedValues} from './quantize/shared_values';
