import {proxy} from 'comlink';

import type {Comparison, Inspection, ModelNode, OwnOptions} from '../lab/api';
import type {RemoteLab} from '../remote_lab';
import {byId, bytesText, count, percent, row} from '../ui/dom';
import {keep} from '../ui/download';
import {onFiles} from '../ui/drop_zone';
import {gains, points, times, type Gain} from '../ui/gains';
import {layerGraph} from '../ui/graph';
import {complain, on, say, sayProgress} from '../ui/status';

/** Digits to prune by, where the visitor takes the page's own model. */
const SAMPLES = 48;

/**
 * Looks into a model that is dropped anywhere or chosen, prunes it, and compares.
 *
 * @param show Shows the tab of this view.
 */
export function setUpOwn(lab: RemoteLab, showTab: () => void): void {
  const form = byId<HTMLFormElement>('own-form');
  const fields = byId<HTMLFieldSetElement>('own-fields');
  const progress = byId<HTMLProgressElement>('own-progress');
  let images: File[] = [];

  const chooseImages = (files: File[]) => {
    const strange = files.find(({type}) => !type.startsWith('image/'));
    if (strange) {
      complain(`${strange.name} is no image. Take images as the model sees them in use.`);
      return;
    }
    say('');
    images = files;
    byId('image-count').textContent =
      images.length === 0
        ? 'Drop sample images here, or choose them.'
        : `${count(images.length)} sample ${images.length === 1 ? 'image' : 'images'}. Drop others to replace them.`;
  };
  const inspect = async (files: File[]) => {
    try {
      showTab();
      say('Reading…');
      const found = await lab.inspect(files);
      show(found);
      byId('own-images').hidden = found.image === null;
      chooseImages([]);
      say(`Read ${found.name}. Now choose how to prune it.`);
      byId('inspection').scrollIntoView({block: 'nearest'});
    } catch (error) {
      byId('inspection').hidden = true;
      say('');
      complain(error);
    }
  };
  const showSparsity = () => {
    byId('own-sparsity').textContent = percent(optionsOf(form, images).sparsity, 0);
  };

  onFiles(byId('drop-zone'), byId<HTMLInputElement>('model-files'), inspect);
  onFiles(document.body, null, inspect);
  on(byId('own-example'), 'click', async () => {
    await inspect(await lab.files('dense'));
    chooseImages(await lab.sampleImages(SAMPLES));
    say('This is the dense model of the Train tab, with digits to prune by.');
  });
  onFiles(byId('image-zone'), byId<HTMLInputElement>('image-files'), chooseImages);
  form.addEventListener('input', showSparsity);
  showSparsity();
  on(form, 'submit', async (event) => {
    event.preventDefault();
    const options = optionsOf(form, images);
    fields.disabled = true;
    progress.hidden = false;
    progress.removeAttribute('value');
    say('Pruning…');
    const onProgress = (done: number, all: number) => {
      progress.max = all;
      progress.value = done;
      sayProgress(`Pruning: ${done} of ${all} layers.`);
    };
    try {
      const comparison = await lab.pruneOwn(options, proxy(onProgress));
      compare(comparison, options.sparsity);
      say('Done. Here is what pruning brings.');
      byId('own-result').scrollIntoView({block: 'nearest', behavior: 'smooth'});
    } catch (error) {
      say('');
      throw error;
    } finally {
      fields.disabled = false;
      progress.hidden = true;
    }
  });
  on(byId('own-download'), 'click', async () => {
    const file = await lab.ownPacked();
    keep(file);
    say(`Downloaded ${file.name}.`);
  });
}

function optionsOf(form: HTMLFormElement, images: File[]): OwnOptions {
  const data = new FormData(form);
  return {
    sparsity: Number(data.get('own-sparsity')) / 100,
    scope: data.get('own-scope') as OwnOptions['scope'],
    range: data.get('own-range') as OwnOptions['range'],
    numbers: data.get('own-numbers') as OwnOptions['numbers'],
    images,
  };
}

function show(found: Inspection): void {
  const {name, kind, parameters, nodes, size, zeros, bytes, gzip, image, accuracy} = found;
  byId('inspection-name').textContent = name;
  byId('inspection-body').replaceChildren(
    row('Kind', kind),
    row('Sparsity', `${percent(zeros / size)} (${count(zeros)} of ${count(size)} weights)`),
    row('Parameters', count(parameters)),
    row('Files', `${bytesText(bytes)}, ${bytesText(gzip)} gzipped`),
    ...(image ? [row('Takes images of', image.join(' × '))] : []),
    ...(accuracy === null ? [] : [row('Accuracy on 1,000 test digits', percent(accuracy))]),
  );
  byId('own-result').hidden = true;
  byId('inspection').hidden = false;
  showGraph(nodes);
}

function showGraph(nodes: readonly ModelNode[]): void {
  const graph = byId('graph');
  graph.replaceChildren(layerGraph(nodes));
  // A wide one is seen from its middle, where it begins.
  graph.scrollLeft = (graph.scrollWidth - graph.clientWidth) / 2;
}

function compare(comparison: Comparison, asked: number): void {
  const {before, after, images, isReconstructed, isSparse, nodes} = comparison;
  const milliseconds = (value: number) => `${value.toFixed(2)}\u00a0ms`;
  const list: Gain[] = [
    {
      title: 'Download',
      before: bytesText(before.download),
      after: bytesText(after.download),
      says: times(before.download, after.download, 'smaller', 'larger'),
    },
  ];
  if (!Number.isNaN(before.milliseconds)) {
    list.push({
      title: isSparse ? 'Prediction, with sparsify' : 'Prediction',
      before: milliseconds(before.milliseconds),
      after: milliseconds(after.milliseconds),
      says: times(before.milliseconds, after.milliseconds, 'faster', 'slower'),
    });
  }
  byId('own-gains').replaceChildren(...gains([...list, ...answersOf(comparison)]));
  const untouched = nodes.filter(({weights, zeros}) => weights > 0 && zeros === 0);
  const left = untouched.reduce((all, {weights}) => all + weights, 0);
  const notes = [
    `Of all weights, ${percent(after.sparsity)} are zero now, ${percent(before.sparsity)} before.`,
    left > 0 && Math.abs(after.sparsity - asked) > 0.005
      ? `${count(left)} weights are left as they are, such as those of depthwise convolutions.`
      : '',
    isReconstructed
      ? `The weights that are left were solved for on your ${count(images)} images.`
      : 'No samples were given, so nothing makes up for the weights that are gone.',
    isSparse ? 'The pruned model’s predictions skip its zeros (sparsify).' : '',
    'All of this is measured on the downloaded file.',
  ];
  showGraph(nodes);
  byId('own-note').textContent = notes.filter(Boolean).join(' ');
  byId('own-result').hidden = false;
}

/** How much the answers change, where that is known. */
function answersOf({accuracy, sameAnswer, difference, images}: Comparison): Gain[] {
  const all: Gain[] = [];
  if (accuracy) {
    all.push({
      title: 'Accuracy on 1,000 test digits',
      before: percent(accuracy.before),
      after: percent(accuracy.after),
      says: points(accuracy.before, accuracy.after),
    });
  } else if (sameAnswer !== null) {
    all.push({
      title: `First answer, on ${count(images)} images`,
      before: 'the model as it came',
      after: 'pruned',
      says: `${percent(sameAnswer, 0)} the same`,
    });
  }
  if (difference !== null) {
    all.push({
      title: 'Outputs, on your images',
      before: 'the model as it came',
      after: 'pruned',
      says: `${percent(difference)} apart`,
    });
  }
  return all;
}
