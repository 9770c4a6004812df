import {DOWNLOADS, type DownloadName} from '../lab/api';
import type {RemoteLab} from '../remote_lab';
import {byId, bytesText, row} from '../ui/dom';
import {keep} from '../ui/download';
import {on, say} from '../ui/status';

const TITLES: Record<DownloadName, string> = {
  dense: 'Dense',
  pruned: 'Pruned',
  packed: 'Packed',
};

/** What the models weigh, and their files to keep. */
export function setUpDownload(lab: RemoteLab): () => Promise<void> {
  for (const what of DOWNLOADS) {
    on(byId(`download-${what}`), 'click', async () => {
      const files = await lab.files(what);
      files.forEach(keep);
      say(`Downloaded ${files.map(({name}) => name).join(' and ')}.`);
    });
  }
  return async () => {
    const sizes = await lab.sizes();
    byId('size-body').replaceChildren(
      ...DOWNLOADS.map((what) => {
        const {bytes, gzip} = sizes[what];
        const smaller = `${(sizes.dense.gzip / gzip).toFixed(1)} ×`;
        return row(TITLES[what], bytesText(bytes), bytesText(gzip), smaller);
      }),
    );
  };
}
