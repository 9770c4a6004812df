/** Calls `take` with files that are dropped on `zone` or chosen in its `input`. */
export function onFiles(
  zone: HTMLElement,
  input: HTMLInputElement,
  take: (files: File[]) => unknown,
): void {
  input.addEventListener('change', () => {
    const files = [...input.files!];
    // The same files may be chosen again.
    input.value = '';
    void take(files);
  });
  for (const kind of ['dragenter', 'dragover', 'dragleave', 'drop'] as const) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.toggle('over', kind === 'dragenter' || kind === 'dragover');
    });
  }
  zone.addEventListener('drop', ({dataTransfer}) => void take([...dataTransfer!.files]));
}
