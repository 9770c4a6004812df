/** The element with this id, which index.html has. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** Moves the keyboard to `next` from `button`, if it is there or lost it as that was disabled. */
export function passFocus(button: HTMLElement, next: HTMLElement): void {
  if (document.activeElement === button || document.activeElement === document.body) {
    next.focus({preventScroll: true});
  }
}

/** A new element with these classes and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: Array<Node | string>
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

/** A row of a table: a heading, then cells. */
export function row(heading: string, ...cells: Array<Node | string>): HTMLTableRowElement {
  const th = element('th', '', heading);
  th.scope = 'row';
  return element('tr', '', th, ...cells.map((cell) => element('td', '', cell)));
}

/** A share as text: 0.9 is '90.0 %'. */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)}\u00a0%`;
}

/** A share as a length of CSS. */
export function cssPercent(share: number): string {
  return `${100 * share}%`;
}

/** Bytes as text: '27.8 kB' or '1.07 MB'. */
export function bytesText(bytes: number): string {
  return bytes < 999_950
    ? `${(bytes / 1000).toFixed(1)}\u00a0kB`
    : `${(bytes / 1e6).toFixed(2)}\u00a0MB`;
}

/** A time as text: '2.14 ms'. */
export function millisecondsText(milliseconds: number): string {
  return `${milliseconds.toFixed(2)}\u00a0ms`;
}

/** A whole number as text, with its thousands apart. */
export function count(number: number): string {
  return number.toLocaleString('en');
}
