export {gemm} from './gemm';
export {addWindows, windows} from './windows';
