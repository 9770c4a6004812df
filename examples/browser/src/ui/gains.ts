import {element} from './dom';

/** A figure before and after, and what that means. */
export interface Gain {
  title: string;
  before: string;
  after: string;
  /** In words, such as '40 times smaller'. */
  says: string;
}

/** The figures that count, large. */
export function gains(list: readonly Gain[]): HTMLElement[] {
  return list.map(({title, before, after, says}) =>
    element(
      'div',
      '',
      element('dt', '', title),
      element('dd', '', element('strong', '', says), `${before} → ${after}`),
    ),
  );
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
export function points(before: number, after: number): string {
  const change = 100 * (after - before);
  if (Math.abs(change) < 0.05) {
    return 'as before';
  }
  return `${change > 0 ? '+' : '−'}${Math.abs(change).toFixed(1)} points`;
}
