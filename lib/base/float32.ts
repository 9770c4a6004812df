/** The largest finite float32; WebGL is not reliable with infinities. */
export const LARGEST = 3.4028234663852886e38;
