/**
 * The functions of `assembly/`; arguments are documented there. Numbers are i32,
 * addresses are bytes from the start of the backend's memory.
 */
export interface KernelExports {
  sumRows: Kernel;
  addWindows: Kernel;
  gemm: Kernel;
  windows: Kernel;
  batchNorm: Kernel;
  clampAll: Kernel;
  depthwise1: Kernel;
  depthwise2: Kernel;
  convolution: Kernel;
  product: Kernel;
  vector1: Kernel;
  vector4: Kernel;
}

type Kernel = (...args: number[]) => void;
