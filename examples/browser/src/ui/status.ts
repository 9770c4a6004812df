import {byId} from './dom';

/** Tells what goes on, to eyes and screen readers. */
export function say(text: string): void {
  byId('alert').hidden = true;
  byId('status').textContent = text;
}

/** Tells what went wrong. */
export function complain(error: unknown): void {
  const alert = byId('alert');
  alert.textContent = error instanceof Error ? error.message : String(error);
  alert.hidden = false;
}
