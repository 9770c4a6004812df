import {proxy} from 'comlink';

import type {Comparison, Inspection, OwnOptions} from '../lab/api';
import type {RemoteLab} from '../remote_lab';
import {byId, count, kilobytes, percent, row} from '../ui/dom';
import {keep} from '../ui/download';
import {onFiles} from '../ui/drop_zone';
import {gains, times} from '../ui/gains';
import {layerGraph} from '../ui/graph';
import {complain, say} from '../ui/status';

/** Looks into a model that is dropped or chosen, prunes it, and compares. */
export function setUpOwn(lab: RemoteLab): void {
  const form = byId<HTMLFormElement>('own-form');
  const fields = byId<HTMLFieldSetElement>('own-fields');
  const progress = byId<HTMLProgressElement>('own-progress');
  let images: File[] = [];

  const chooseImages = (files: File[]) => {
    images = files;
    byId('image-count').textContent =
      images.length === 0
        ? 'Drop sample images here, or choose them.'
        : `${count(images.length)} sample ${images.length === 1 ? 'image' : 'images'}`;
  };
  const inspect = async (files: File[]) => {
    try {
      say('Reading…');
      const found = await lab.inspect(files);
      show(found);
      byId('own-images').hidden = found.image === null;
      chooseImages([]);
      say('');
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
  onFiles(byId('image-zone'), byId<HTMLInputElement>('image-files'), chooseImages);
  form.addEventListener('input', showSparsity);
  showSparsity();
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const options = optionsOf(form, images);
    fields.disabled = true;
    progress.hidden = false;
    progress.removeAttribute('value');
    say('Pruning…');
    const onProgress = (done: number, all: number) => {
      progress.max = all;
      progress.value = done;
      say(`Pruning: ${done} of ${all} layers.`);
    };
    try {
      const comparison = await lab.pruneOwn(options, proxy(onProgress));
      compare(comparison);
      say('Done. The pruned model is below.');
    } catch (error) {
      say('');
      complain(error);
    } finally {
      fields.disabled = false;
      progress.hidden = true;
    }
  });
  byId('own-download').addEventListener('click', async () => {
    try {
      const file = await lab.ownPacked();
      keep(file);
      say(`Downloaded ${file.name}.`);
    } catch (error) {
      complain(error);
    }
  });
}

function optionsOf(form: HTMLFormElement, images: File[]): OwnOptions {
  const data = new FormData(form);
  return {
    sparsity: Number(data.get('own-sparsity')) / 100,
    scope: data.get('own-scope') as OwnOptions['scope'],
    range: data.get('own-range') as OwnOptions['range'],
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
    row('Files', `${kilobytes(bytes)}, ${kilobytes(gzip)} gzipped`),
    ...(image ? [row('Takes images of', image.join(' × '))] : []),
    ...(accuracy === null ? [] : [row('Accuracy on 1,000 test digits', percent(accuracy))]),
  );
  byId('graph').replaceChildren(layerGraph(nodes));
  byId('own-result').hidden = true;
  byId('inspection').hidden = false;
}

function compare(comparison: Comparison): void {
  const {before, after, images, sameAnswer, difference, isReconstructed, isSparse} = comparison;
  const milliseconds = (value: number) => `${value.toFixed(2)}\u00a0ms`;
  byId('own-gains').replaceChildren(
    ...gains([
      {
        title: 'Download',
        before: kilobytes(before.download),
        after: kilobytes(after.download),
        says: times(before.download, after.download, 'smaller', 'larger'),
      },
      ...(Number.isNaN(before.milliseconds)
        ? []
        : [
            {
              title: 'Prediction',
              before: milliseconds(before.milliseconds),
              after: milliseconds(after.milliseconds),
              says: times(before.milliseconds, after.milliseconds, 'faster', 'slower'),
            },
          ]),
      {
        title: 'Sparsity',
        before: percent(before.sparsity),
        after: percent(after.sparsity),
        says: percent(after.sparsity),
      },
    ]),
  );
  const notes = [
    sameAnswer === null
      ? ''
      : `Both models give the same first answer to ${percent(sameAnswer)} of ${count(images)} images.`,
    difference === null ? '' : `The outputs differ by ${percent(difference)}.`,
    isReconstructed
      ? 'The weights that are left were solved for on your images.'
      : 'No samples were given, so nothing makes up for the weights that are gone.',
    isSparse ? 'The pruned model’s predictions skip its zeros (sparsify).' : '',
  ];
  byId('graph').replaceChildren(layerGraph(comparison.nodes));
  byId('own-note').textContent = notes.filter(Boolean).join(' ');
  byId('own-result').hidden = false;
}
