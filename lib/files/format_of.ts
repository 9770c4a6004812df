/** How a model is written: as tfjs does, or as one packed file. */
export type FileFormat = 'tfjs' | 'packed';

/** What the name of a target asks for: `'packed'` where it ends with `.tfpack`. */
export function formatOf(target: unknown): FileFormat {
  return typeof target === 'string' && /\.tfpack$/i.test(target) ? 'packed' : 'tfjs';
}
