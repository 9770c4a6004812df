/**
 * The functions of `assembly/predictions.ts`; arguments are documented there. Numbers
 * are i32, addresses are bytes from the start of the backend's memory.
 */
export interface KernelExports {
  addAll: Kernel;
  batchNorm: Kernel;
  clampAll: Kernel;
  depthwise1: Kernel;
  depthwise2: Kernel;
  convolution: Kernel;
  product: Kernel;
  vector1: Kernel;
  vector4: Kernel;
  sumRows: Kernel;
}

/** Those of `assembly/training.ts`. */
export interface TrainingExports {
  gemm: Kernel;
  windows: Kernel;
  addWindows: Kernel;
}

type Kernel = (...args: number[]) => void;
