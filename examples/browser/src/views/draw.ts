import type {Answer} from '../lab/api';
import type {RemoteLab} from '../remote_lab';
import {digitFrom} from '../ui/digit_image';
import {byId, cssPercent, element, percent} from '../ui/dom';
import {latest} from '../ui/latest';
import {complain, on} from '../ui/status';

const PEN = 22;

/** A canvas to draw digits on, and what the dense and the pruned model make of them. */
export function setUpDraw(lab: RemoteLab): () => Promise<void> {
  const canvas = byId<HTMLCanvasElement>('digit-canvas');
  const context = canvas.getContext('2d', {willReadFrequently: true})!;
  let hasModels = false;

  const clear = () => {
    context.fillStyle = 'black';
    context.fillRect(0, 0, canvas.width, canvas.height);
  };
  const answer = latest(async () => {
    const pixels = digitFrom(canvas);
    if (!hasModels || pixels === null) {
      byId('dense-answer').replaceChildren(nothing());
      byId('pruned-answer').replaceChildren(nothing());
      return;
    }
    try {
      const {dense, pruned} = await lab.answer(pixels);
      byId('dense-answer').replaceChildren(...answerElements(dense));
      byId('pruned-answer').replaceChildren(...answerElements(pruned));
    } catch (error) {
      complain(error);
    }
  });

  const place = ({offsetX, offsetY}: PointerEvent) => {
    const scale = canvas.width / canvas.clientWidth;
    return [offsetX * scale, offsetY * scale] as const;
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    context.strokeStyle = 'white';
    context.lineWidth = PEN;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(...place(event));
    context.lineTo(...place(event));
    context.stroke();
    void answer(undefined);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) {
      context.lineTo(...place(event));
      context.stroke();
      void answer(undefined);
    }
  });
  byId('clear').addEventListener('click', () => {
    clear();
    byId('digit-label').textContent = '';
    void answer(undefined);
  });
  on(byId('test-digit'), 'click', async () => {
    const {pixels, label} = await lab.testDigit();
    clear();
    const image = new ImageData(28, 28);
    pixels.forEach((value, i) =>
      image.data.set([255 * value, 255 * value, 255 * value, 255], i * 4),
    );
    context.drawImage(await createImageBitmap(image), 0, 0, canvas.width, canvas.height);
    byId('digit-label').textContent = `From the test digits: a ${label}.`;
    await answer(undefined);
  });

  clear();
  return async () => {
    hasModels = true;
    await answer(undefined);
  };
}

function nothing(): HTMLElement {
  return element('p', 'muted', 'Draw a digit.');
}

function answerElements({probabilities, milliseconds}: Answer): HTMLElement[] {
  const best = probabilities.indexOf(Math.max(...probabilities));
  const columns = probabilities.map((probability, digit) => {
    const fill = element('i', digit === best ? 'column-fill best' : 'column-fill');
    fill.style.blockSize = cssPercent(probability);
    return element('span', 'column', element('span', 'column-track', fill), String(digit));
  });
  const chart = element('div', 'columns', ...columns);
  chart.ariaHidden = 'true';
  return [
    element(
      'p',
      'answer',
      element('strong', 'answer-digit', String(best)),
      element('span', '', `${percent(probabilities[best])} sure`),
      element('span', 'muted', `${milliseconds.toFixed(2)} ms`),
    ),
    chart,
  ];
}
