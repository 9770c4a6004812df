import {complain} from './status';

/** Calls `take` with files that are dropped on `zone`, or in a folder, or chosen in its `input`. */
export function onFiles(
  zone: HTMLElement,
  input: HTMLInputElement | null,
  take: (files: File[]) => unknown,
): void {
  input?.addEventListener('change', () => {
    const files = [...input.files!];
    // The same files may be chosen again.
    input.value = '';
    void take(files);
  });
  for (const kind of ['dragenter', 'dragover', 'dragleave', 'drop'] as const) {
    zone.addEventListener(kind, (event) => {
      // Otherwise the browser would leave the page for the file.
      event.preventDefault();
      // A zone may lie in another one.
      event.stopPropagation();
      zone.classList.toggle('over', kind === 'dragenter' || kind === 'dragover');
    });
  }
  zone.addEventListener('drop', ({dataTransfer}) => {
    void filesIn(dataTransfer!)
      .then((files) => {
        if (files.length === 0) {
          throw new Error('There was no file in what was dropped.');
        }
        return take(files);
      })
      .catch(complain);
  });
}

/** What systems put into folders. */
const HIDDEN = /^(\.|(Thumbs\.db|desktop\.ini)$)/i;

/** The files that are dropped, and those of dropped folders. */
async function filesIn({items}: DataTransfer): Promise<File[]> {
  // They have to be taken before the first pause.
  const dropped = Array.from(items, (item) => item.webkitGetAsEntry() ?? item.getAsFile() ?? []);
  const files = await Promise.all(
    dropped.map(async (each) => ('isFile' in each ? filesOf(each) : each)),
  );
  return files.flat().filter(({name}) => !HIDDEN.test(name));
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [
      await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail)),
    ];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  // A reader hands out some entries at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, fail) =>
      reader.readEntries(done, fail),
    );
    if (some.length === 0) {
      return files;
    }
    files.push(...(await Promise.all(some.map(filesOf))).flat());
  }
}
