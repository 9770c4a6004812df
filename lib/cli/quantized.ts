import type {StoredModel} from './model_file';
import {quantizedCounts} from './model_weights';

/** What commands that change weights do with quantized ones. */
export interface QuantizedOptions {
  /** Writes them in float32; else they stay quantized. */
  dequantize?: boolean;
}

/** Of each kind of quantization how many weights keep it. */
export function keptCounts(
  stored: StoredModel,
  {dequantize}: QuantizedOptions,
): Record<string, number> {
  return dequantize ? {} : quantizedCounts(stored);
}

/** Says which weights stay quantized, if any were. */
export function printKept(stored: StoredModel, options: QuantizedOptions): void {
  const counts = Object.entries(keptCounts(stored, options));
  if (counts.length > 0) {
    const kinds = counts.map(([type, count]) => `${count} as ${type}`).join(', ');
    console.log(`Weights that stay quantized: ${kinds} (--dequantize writes float32).`);
  }
}
