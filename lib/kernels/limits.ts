/** The least and the greatest result of each activation that the kernels compute themselves. */
export const LIMITS = {
  linear: [-Infinity, Infinity],
  relu: [0, Infinity],
  relu6: [0, 6],
} as const;

export type ClampingActivation = keyof typeof LIMITS;
