export {addAll} from './add_all';
export {batchNorm} from './batch_norm';
export {clampAll} from './clamp_all';
export {depthwise1, depthwise2} from './depthwise';
export {convolution} from './sparse_convolution';
export {product} from './sparse_product';
export {vector1, vector4} from './sparse_vector';
export {sumRows} from './sum_rows';
