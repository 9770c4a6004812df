import type {StoredResult} from './stored';

/** Libraries whose names are a part of a figure's: tables have a column for each. */
export const LIBRARIES = ['tfjs-prune', 'TFMOT', 'torch', 'Torch-Pruning'] as const;

/** A figure, and between which values its runs lie. */
export interface Figure {
  /** The parts of its name, without those of the library and of the spread. */
  parts: string[];
  library: string;
  value: number;
  least?: number;
  most?: number;
}

const LEAST = [', least', ', low'];
const MOST = [', most', ', high'];

/** The figures of a result, with the least and the most of each beside it. */
export function figuresOf({figures}: StoredResult): Figure[] {
  const ends = [...LEAST, ...MOST];
  const of = (key: string, suffixes: readonly string[]) =>
    suffixes.map((suffix) => figures[key + suffix]).find((value) => value !== undefined);
  return Object.keys(figures)
    .filter((key) => !ends.some((end) => key.endsWith(end) && key.slice(0, -end.length) in figures))
    .map((key) => {
      const parts = key.split(', ');
      const library = parts.find((part) => (LIBRARIES as readonly string[]).includes(part));
      return {
        parts: parts.filter((part) => part !== library),
        library: library ?? 'tfjs-prune',
        value: figures[key],
        least: of(key, LEAST),
        most: of(key, MOST),
      };
    });
}
