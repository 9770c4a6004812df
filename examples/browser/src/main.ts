import './styles/page.css';
import './styles/controls.css';
import './styles/figures.css';

import {startLab} from './remote_lab';
import {byId, bytesText, count} from './ui/dom';
import {complain, say} from './ui/status';
import {setUpTabs} from './ui/tabs';
import {setUpDownload} from './views/download';
import {setUpDraw} from './views/draw';
import {setUpOneShot} from './views/one_shot';
import {setUpOwn} from './views/own';
import {setUpTrain} from './views/train';

const lab = startLab();

document.querySelector('a[href="#glossary"]')!.addEventListener('click', () => {
  byId<HTMLDetailsElement>('glossary').open = true;
});

async function showMemory(): Promise<void> {
  const memory = await lab.memory();
  if (memory) {
    const {backend, tensors, bytes} = memory;
    byId('memory').textContent =
      `Backend: ${backend}, ${count(tensors)} tensors, ${bytesText(bytes)}.`;
  }
}

try {
  const notes = await lab.open(new URL('digits.bin', document.baseURI).href);
  const views = [setUpOneShot(lab), setUpDraw(lab), setUpDownload(lab)];
  setUpOwn(
    lab,
    () => {
      location.hash = 'own';
    },
    () => void showMemory(),
  );
  setUpTrain(lab, notes, async (result) => {
    document.body.classList.add('has-models');
    await Promise.all(views.map((onTrained) => onTrained(result)));
    await showMemory();
  });
  setUpTabs(() => void showMemory());
  say(
    byId('own').hidden
      ? 'Ready. Press “Train and prune”: it takes about half a minute.'
      : 'Ready. Drop a model anywhere on this page.',
  );
} catch (error) {
  say('');
  complain(error);
}
