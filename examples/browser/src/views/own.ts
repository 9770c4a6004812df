import {proxy} from 'comlink';

import {MOST_IMAGES} from '../lab/api';
import type {Comparison, Inspection, ModelNode, OwnOptions} from '../lab/api';
import type {RemoteLab} from '../remote_lab';
import {byId, bytesText, count, passFocus, percent, row} from '../ui/dom';
import {keep} from '../ui/download';
import {onFiles} from '../ui/drop_zone';
import {accuracyGain, downloadGain, gains, timeGain, type Gain} from '../ui/gains';
import {layerGraph} from '../ui/graph';
import {latest} from '../ui/latest';
import {complain, on, say, sayProgress} from '../ui/status';

/** Digits to prune by, where the visitor takes the page's own model. */
const SAMPLES = 48;

/**
 * Looks into a model that is dropped anywhere or chosen, prunes it, and compares.
 *
 * @param showTab Shows the tab of this view.
 * @param onChange Called when the lab holds other models.
 */
export function setUpOwn(lab: RemoteLab, showTab: () => void, onChange: () => void): void {
  const form = byId<HTMLFormElement>('own-form');
  const fields = byId<HTMLFieldSetElement>('own-fields');
  const pruneButton = byId('own-prune');
  const progress = byId<HTMLProgressElement>('own-progress');
  /** Height, width and colors of the images that the model takes. */
  let shape: Inspection['image'] = null;

  const countImages = (images: number) => {
    const [height, width] = shape ?? [];
    byId('image-count').textContent =
      images === 0
        ? 'Drop sample images here, or choose them.'
        : `${count(images)} sample ${images === 1 ? 'image' : 'images'} of ${height} × ${width} pixels. ` +
          'Drop others to replace them.';
  };
  const takeImages = async (files: File[]) => {
    try {
      say(`Reading ${count(files.length)} ${files.length === 1 ? 'file' : 'files'}…`);
      const {taken, refused} = await lab.takeImages(files);
      if (taken === 0) {
        throw new Error(
          `${refused[0]} is no image that this browser can read. ` +
            'Take images as the model sees them in use.',
        );
      }
      countImages(taken);
      say(takenText(files.length, taken, refused));
    } catch (error) {
      say('');
      complain(error);
    }
  };
  const inspect = latest(async (files: File[]) => {
    try {
      showTab();
      say('Reading…');
      const found = await lab.inspect(files);
      shape = found.image;
      show(found);
      onChange();
      byId('own-images').hidden = shape === null;
      countImages(0);
      say(`Read ${found.name}. Now choose how to prune it.`);
      byId('inspection').scrollIntoView({block: 'nearest'});
    } catch (error) {
      // The model before is still there.
      say('');
      complain(error);
    }
  });
  /** Images beside the zone for them are still meant as samples. */
  const takeAny = (files: File[]) =>
    shape !== null && files.some(isImage) && !files.some(({name}) => /\.(json|tfpack)$/i.test(name))
      ? takeImages(files)
      : inspect(files);

  onFiles(byId('drop-zone'), byId<HTMLInputElement>('model-files'), takeAny);
  onFiles(document.body, null, takeAny);
  on(byId('own-example'), 'click', async () => {
    await inspect(await lab.files('dense'));
    await takeImages(await lab.sampleImages(SAMPLES));
    say('This is the dense model of the Train tab, with digits to prune by.');
  });
  onFiles(byId('image-zone'), byId<HTMLInputElement>('image-files'), takeImages);
  const showSparsity = () => {
    byId('own-sparsity').textContent = percent(optionsOf(form).sparsity, 0);
  };
  form.addEventListener('input', showSparsity);
  showSparsity();
  on(form, 'submit', async (event) => {
    event.preventDefault();
    const options = optionsOf(form);
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
      onChange();
      say('Done. Here is what pruning brings.');
      byId('own-result').scrollIntoView({block: 'nearest', behavior: 'smooth'});
    } catch (error) {
      say('');
      throw error;
    } finally {
      fields.disabled = false;
      progress.hidden = true;
      passFocus(pruneButton, pruneButton);
    }
  });
  on(byId('own-download'), 'click', async () => {
    const file = await lab.ownPacked();
    keep(file);
    say(`Downloaded ${file.name}.`);
  });
}

/** What became of the files that were given as images. */
function takenText(given: number, taken: number, refused: readonly string[]): string {
  const images = `${count(taken)} ${taken === 1 ? 'image' : 'images'}`;
  const named = refused.slice(0, 3).join(', ') + (refused.length > 3 ? ', …' : '');
  return [
    given > MOST_IMAGES
      ? `Took ${images} of ${count(given)} files, evenly spread. More would change little.`
      : `Took ${images}.`,
    refused.length > 0 ? `This browser can’t read as images: ${named}.` : '',
  ]
    .filter(Boolean)
    .join(' ');
}

function isImage({type}: File): boolean {
  return type.startsWith('image/');
}

function optionsOf(form: HTMLFormElement): OwnOptions {
  const data = new FormData(form);
  return {
    sparsity: Number(data.get('own-sparsity')) / 100,
    scope: data.get('own-scope') as OwnOptions['scope'],
    range: data.get('own-range') as OwnOptions['range'],
    numbers: data.get('own-numbers') as OwnOptions['numbers'],
  };
}

function show(found: Inspection): void {
  const {name, kind, parameters, nodes, size, zeros, bytes, gzip, image, accuracy} = found;
  byId('inspection-name').textContent = name;
  byId('inspection-body').replaceChildren(
    row('Kind', kind),
    row(
      'Sparsity',
      `${percent(zeros / Math.max(1, size))} (${count(zeros)} of ${count(size)} weights)`,
    ),
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
  const list = [downloadGain(before.download, after.download)];
  if (!Number.isNaN(before.milliseconds)) {
    list.push(timeGain(before.milliseconds, after.milliseconds, isSparse));
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
    all.push(accuracyGain('Accuracy on 1,000 test digits', accuracy.before, accuracy.after));
  } else if (sameAnswer !== null) {
    all.push({
      title: `First answer, on ${count(images)} images`,
      says: `${percent(sameAnswer, 0)} the same`,
      detail: 'as before pruning',
    });
  }
  if (difference !== null) {
    all.push({
      title: 'Outputs, on your images',
      says: `${percent(difference)} apart`,
      detail: 'from those before pruning',
    });
  }
  return all;
}
