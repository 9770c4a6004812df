import {byId} from './dom';

/** Tells what goes on, to eyes and screen readers. */
export function say(text: string): void {
  byId('alert').hidden = true;
  const status = byId('status');
  status.ariaLive = 'polite';
  status.textContent = text;
}

/** Tells how far something is: to eyes only, for it changes many times a second. */
export function sayProgress(text: string): void {
  const status = byId('status');
  status.ariaLive = 'off';
  status.textContent = text;
}

/** Tells what went wrong, where it is seen. */
export function complain(error: unknown): void {
  const alert = byId('alert');
  alert.textContent = error instanceof Error ? error.message : String(error);
  alert.hidden = false;
  alert.scrollIntoView({block: 'nearest'});
}

/** Does `work` at each event of this type, and tells where it fails. */
export function on<T extends Event>(
  target: EventTarget,
  type: string,
  work: (event: T) => Promise<void>,
): void {
  target.addEventListener(type, (event) => void work(event as T).catch(complain));
}
