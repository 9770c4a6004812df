import type {WeightSparsity} from 'tfjs-prune';

import type {LayerChannels, Picture} from '../lab/api';
import {count, cssPercent, element, percent} from './dom';

/** A bar for each weight: how much of it is pruned. */
export function bars(weights: readonly WeightSparsity[]): HTMLElement[] {
  return weights.map(({name, shape, size, zeros, sparsity}) => {
    const fill = element('div', 'bar-fill');
    fill.style.inlineSize = cssPercent(sparsity);
    return element(
      'div',
      'bar-row',
      element('span', 'bar-name', name, ' ', element('small', '', shape.join(' × '))),
      element('span', 'bar-share', percent(sparsity)),
      element('div', 'bar', fill),
      element('small', 'bar-count', `${count(zeros)} of ${count(size)} pruned`),
    );
  });
}

/** A dot for each channel: lit where it still has weights. */
export function channelDots(layers: readonly LayerChannels[]): HTMLElement[] {
  return layers.map(({name, kept}) => {
    const left = kept.filter(Boolean).length;
    const dots = kept.map((isKept) => element('i', isKept ? 'dot' : 'dot gone'));
    const box = element('div', 'dots', ...dots);
    box.ariaHidden = 'true';
    return element(
      'div',
      'dots-row',
      element('span', '', name),
      element('span', 'bar-share', `${left} of ${kept.length} kept`),
      box,
    );
  });
}

/** Puts `picture` on a canvas. */
export function paint(canvas: HTMLCanvasElement, {pixels, width, height}: Picture): void {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')!.putImageData(new ImageData(pixels, width, height), 0, 0);
}
