import {makeCompressed} from './compressed';

/** As `compressed` of io.ts, without Node's modules. */
export const compressed = makeCompressed();

export type {CompressedArgs, Compressed} from './compressed';
export type {Quantization, QuantizationMap, Quantize} from './quantize/quantization';
export type {SharedValues} from './quantize/shared_values';
