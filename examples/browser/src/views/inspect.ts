import type {Inspection} from '../lab/api';
import type {RemoteLab} from '../remote_lab';
import {byId, count, kilobytes, percent, row} from '../ui/dom';
import {bars} from '../ui/look';
import {complain, say} from '../ui/status';

/** Looks into a model's files that are dropped or chosen. */
export function setUpInspect(lab: RemoteLab): void {
  const zone = byId('drop-zone');
  const input = byId<HTMLInputElement>('model-files');

  const inspect = async (files: FileList) => {
    try {
      say('Reading…');
      show(await lab.inspect([...files]));
      say('');
    } catch (error) {
      byId('inspection').hidden = true;
      say('');
      complain(error);
    }
  };
  input.addEventListener('change', async () => {
    await inspect(input.files!);
    // The same files may be chosen again.
    input.value = '';
  });
  for (const kind of ['dragenter', 'dragover', 'dragleave', 'drop'] as const) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.toggle('over', kind === 'dragenter' || kind === 'dragover');
    });
  }
  zone.addEventListener('drop', ({dataTransfer}) => void inspect(dataTransfer!.files));
}

function show(found: Inspection): void {
  const {name, parameters, weights, size, zeros, bytes, gzip, accuracy} = found;
  byId('inspection-name').textContent = name;
  byId('inspection-body').replaceChildren(
    row('Sparsity', `${percent(zeros / size)} (${count(zeros)} of ${count(size)} weights)`),
    row('Parameters', count(parameters)),
    row('Files', `${kilobytes(bytes)}, ${kilobytes(gzip)} gzipped`),
    ...(accuracy === null ? [] : [row('Accuracy on 1,000 test digits', percent(accuracy))]),
  );
  byId('inspection-bars').replaceChildren(...bars(weights));
  byId('inspection').hidden = false;
}
