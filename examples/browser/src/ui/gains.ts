import {bytesText, element, millisecondsText, percent} from './dom';

/** A figure before and after, and what that means. */
export interface Gain {
  title: string;
  /** In words, such as '40 times smaller'. */
  says: string;
  /** What that is of, such as '40.0 kB → 1.0 kB'. */
  detail: string;
}

/** The figures that count, large. */
export function gains(list: readonly Gain[]): HTMLElement[] {
  return list.map(({title, says, detail}) =>
    element(
      'div',
      '',
      element('dt', '', title),
      element('dd', '', element('strong', '', says), detail),
    ),
  );
}

/** A download before and after, in bytes. */
export function downloadGain(before: number, after: number): Gain {
  return {
    title: 'Download',
    says: times(before, after, 'smaller', 'larger'),
    detail: change(bytesText, before, after),
  };
}

/** A prediction before and after, in milliseconds. */
export function timeGain(before: number, after: number, isSparse: boolean): Gain {
  return {
    title: isSparse ? 'Prediction, with sparsify' : 'Prediction',
    says: times(before, after, 'faster', 'slower'),
    detail: change(millisecondsText, before, after),
  };
}

/** An accuracy before and after. */
export function accuracyGain(title: string, before: number, after: number): Gain {
  return {title, says: points(before, after), detail: change(percent, before, after)};
}

function change(text: (value: number) => string, before: number, after: number): string {
  return `${text(before)} → ${text(after)}`;
}

/** How many times `before` is `after`: '2.4 times faster', or '1.2 times slower'. */
export function times(before: number, after: number, better: string, worse: string): string {
  const ratio = before / after;
  if (ratio > 0.95 && ratio < 1.05) {
    return 'as before';
  }
  const factor = Math.max(ratio, 1 / ratio);
  return `${factor.toFixed(factor < 10 ? 1 : 0)} times ${ratio > 1 ? better : worse}`;
}

/** A change of accuracy, in points. */
function points(before: number, after: number): string {
  const change = 100 * (after - before);
  if (Math.abs(change) < 0.05) {
    return 'as before';
  }
  return `${change > 0 ? '+' : '−'}${Math.abs(change).toFixed(1)} points`;
}
