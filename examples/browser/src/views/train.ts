import {proxy} from 'comlink';

import {BACKENDS, TIMED_IMAGES} from '../lab/api';
import type {BackendNotes, Look, Network, Point, TrainOptions, TrainResult} from '../lab/api';
import type {RemoteLab} from '../remote_lab';
import {LiveChart} from '../ui/chart';
import {byId, bytesText, count, millisecondsText, passFocus, percent, row} from '../ui/dom';
import {accuracyGain, downloadGain, gains, timeGain, times} from '../ui/gains';
import {bars, channelDots, paint} from '../ui/look';
import {drawNetwork, networkNote} from '../ui/network';
import {complain, on, say, sayProgress} from '../ui/status';

const SPARSITY = {weights: 90, channels: 50};

/** Trains and prunes, and shows it; calls `onTrained` when a pair of models is there. */
export function setUpTrain(
  lab: RemoteLab,
  notes: BackendNotes,
  onTrained: (result: TrainResult) => Promise<void>,
): void {
  const form = byId<HTMLFormElement>('train-form');
  const trainButton = byId<HTMLButtonElement>('train-button');
  const stop = byId<HTMLButtonElement>('stop');
  const progress = byId<HTMLProgressElement>('progress');
  const loss = new LiveChart(byId('loss-chart'), {lines: {loss: '#d1495b'}});
  const shares = new LiveChart(byId('share-chart'), {
    lines: {accuracy: '#2a7de1', sparsity: '#e08a1e'},
    domain: [0, 1],
  });

  offerBackends(form, notes);
  // A wrong number in closed options would hold up the form without a word.
  form.addEventListener(
    'invalid',
    ({target}) => {
      (target as HTMLElement).closest('details')!.open = true;
    },
    {capture: true},
  );
  form.addEventListener('input', (event) => onInput(form, event.target as HTMLInputElement));
  showOptions(form);
  trainButton.disabled = false;
  new ResizeObserver(() => redraw()).observe(byId('network'));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => redraw());
  const showUntrained = async () => showNetwork(await lab.untrained(optionsOf(form)));
  form.addEventListener('input', ({target}) => {
    if ((target as HTMLInputElement).name === 'model') {
      void showUntrained().catch(complain);
    }
  });
  void showUntrained().catch(complain);

  stop.addEventListener('click', () => {
    stop.disabled = true;
    say('Stopping…');
    void lab.stop();
  });

  on(form, 'submit', async (event) => {
    event.preventDefault();
    const options = optionsOf(form);
    const fields = byId<HTMLFieldSetElement>('train-fields');
    loss.clear();
    shares.clear();
    byId('result').hidden = true;
    byId('inside').hidden = true;
    byId('charts').hidden = false;
    fields.disabled = true;
    stop.disabled = false;
    passFocus(trainButton, stop);
    trainButton.disabled = true;
    progress.hidden = false;
    progress.removeAttribute('value');
    say(`Starting ${options.backend}…`);
    const onPoint = (point: Point) => {
      progress.max = point.steps;
      progress.value = point.step;
      loss.push(point.step, point.loss);
      shares.push(point.step, point.accuracy, point.sparsity);
      if (!stop.disabled) {
        sayProgress(
          `${point.isPruning ? 'Pruning' : 'Training'}: step ${point.step} of ${point.steps}, ` +
            `loss ${point.loss.toFixed(3)}, accuracy ${percent(point.accuracy)}, ` +
            `sparsity ${percent(point.sparsity)}`,
        );
      }
    };
    try {
      const result = await lab.train(options, proxy(onPoint), proxy(showLook));
      if (result === null) {
        say('Stopped. Nothing was kept of this training.');
      } else {
        showResult(result, options.pruningEpochs);
        await onTrained(result);
        say(`Done: ${summaryOf(result)}. Now draw a digit, or prune your own model.`);
        byId('result').scrollIntoView({block: 'nearest', behavior: 'smooth'});
      }
    } catch (error) {
      say('');
      throw error;
    } finally {
      fields.disabled = false;
      trainButton.disabled = false;
      passFocus(stop, trainButton);
      stop.disabled = true;
      progress.hidden = true;
    }
  });
}

function offerBackends(form: HTMLFormElement, notes: BackendNotes): void {
  for (const name of BACKENDS) {
    const input = form.querySelector<HTMLInputElement>(`input[name=backend][value=${name}]`)!;
    input.disabled = notes[name].missing;
    input.parentElement!.title = notes[name].note;
  }
  const missing = BACKENDS.filter((name) => notes[name].missing).map((name) => notes[name].note);
  byId('missing').textContent = missing.join(' ');
  byId('missing').hidden = missing.length === 0;
  const chosen = form.querySelector<HTMLInputElement>('input[name=backend]:checked')!;
  if (chosen.disabled) {
    form.querySelector<HTMLInputElement>('input[name=backend]:enabled')!.checked = true;
  }
  const remarks = () => {
    const {backend} = optionsOf(form);
    byId('backend-note').textContent = notes[backend].note;
  };
  form.addEventListener('input', remarks);
  remarks();
}

function onInput(form: HTMLFormElement, changed: HTMLInputElement): void {
  if (changed.name === 'method') {
    const {method} = optionsOf(form);
    (form.elements.namedItem('sparsity') as HTMLInputElement).value = String(SPARSITY[method]);
  }
  showOptions(form);
}

function showOptions(form: HTMLFormElement): void {
  const {sparsity, method, model} = optionsOf(form);
  byId('sparsity-value').textContent = percent(sparsity, 0);
  byId('channels-name').textContent = model === 'cnn' ? 'Channels' : 'Neurons';
  byId('sparsity-name').textContent =
    method === 'weights' ? 'Weights pruned' : `${model === 'cnn' ? 'Channels' : 'Neurons'} pruned`;
}

function optionsOf(form: HTMLFormElement): TrainOptions {
  const data = new FormData(form);
  const text = (name: string) => data.get(name) as string;
  return {
    model: text('model') as TrainOptions['model'],
    backend: text('backend') as TrainOptions['backend'],
    method: text('method') as TrainOptions['method'],
    sparsity: Number(text('sparsity')) / 100,
    images: Number(text('images')),
    epochs: Number(text('epochs')),
    pruningEpochs: Number(text('pruningEpochs')),
    batchSize: Number(text('batchSize')),
    numbers: text('numbers') as TrainOptions['numbers'],
  };
}

let shown: Network | null = null;

function showNetwork({network, weights}: Look): void {
  shown = network;
  redraw();
  byId('network-note').textContent = networkNote(network, weights);
}

function redraw(): void {
  if (shown) {
    drawNetwork(byId<HTMLCanvasElement>('network'), shown);
  }
}

function showLook(look: Look): void {
  const {weights, channels, picture} = look;
  showNetwork(look);
  byId('inside').hidden = false;
  byId('bars').replaceChildren(...bars(weights));
  byId('channels').replaceChildren(...channelDots(channels));
  if (picture) {
    paint(byId<HTMLCanvasElement>('weights-picture'), picture);
  }
}

/** What was gained, in half a sentence. */
function summaryOf({dense, pruned}: TrainResult): string {
  const size = times(dense.download, pruned.download, 'smaller', 'larger');
  const time = times(dense.milliseconds, pruned.milliseconds, 'faster', 'slower');
  return `the download is ${size}, a prediction ${time}`;
}

function showResult({dense, pruned, isSparse}: TrainResult, pruningEpochs: number): void {
  byId('gains').replaceChildren(
    ...gains([
      downloadGain(dense.download, pruned.download),
      timeGain(dense.milliseconds, pruned.milliseconds, isSparse),
      accuracyGain('Accuracy', dense.accuracy, pruned.accuracy),
    ]),
  );
  byId('result-body').replaceChildren(
    row('Accuracy on 1,000 test digits', percent(dense.accuracy), percent(pruned.accuracy)),
    row('Download', bytesText(dense.download), bytesText(pruned.download)),
    row(
      `Prediction of ${TIMED_IMAGES} digits`,
      millisecondsText(dense.milliseconds),
      millisecondsText(pruned.milliseconds),
    ),
    row('Parameters', count(dense.parameters), count(pruned.parameters)),
    row('Multiplications, with those by zero', count(dense.macs), count(pruned.macs)),
    // A shrunk model has none.
    ...(pruned.zeros > 0
      ? [
          row('Weights that are zero', count(dense.zeros), count(pruned.zeros)),
          row('Sparsity', percent(dense.zeros / dense.size), percent(pruned.zeros / pruned.size)),
        ]
      : []),
  );
  byId('result-note').textContent =
    `The pruned network has trained for ${count(pruningEpochs)} more ` +
    `${pruningEpochs === 1 ? 'epoch' : 'epochs'}, so it may even be more accurate. ` +
    'Its accuracy is that of the downloaded file.';
  byId('result').hidden = false;
}
