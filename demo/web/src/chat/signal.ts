import { make } from '../dom.js';

/** A person's flag: that of the International Code of Signals for the first letter of the name. */
export function signal(name: string, className = ''): HTMLElement {
  const element = make('span', `signal ${className}`.trim());
  hoist(element, name);
  return element;
}

export function hoist(element: HTMLElement, name: string): void {
  element.dataset.letter = name.charAt(0).toUpperCase();
  element.ariaHidden = 'true';
}
