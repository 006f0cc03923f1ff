import { byId } from '../dom.js';

/** Where a message is written: Enter sends it, Shift+Enter begins a new line. */
export class Composer {
  onText: (text: string) => void = () => {};
  onTyping: () => void = () => {};
  readonly #form = byId<HTMLFormElement>('composer');
  readonly #text = byId<HTMLTextAreaElement>('text');
  readonly #drafts = new Map<number, string>();
  #conversation: number | undefined;

  constructor() {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const text = this.#text.value.trim();
      if (text) this.onText(text);
      this.#text.value = '';
      this.#text.focus();
    });
    this.#text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.#text.addEventListener('input', () => this.#text.value.trim() && this.onTyping());
  }

  /** Goes over to another conversation, or to none; what was half written there is there again. */
  begin(conversation: number | undefined): void {
    if (this.#conversation !== undefined) this.#drafts.set(this.#conversation, this.#text.value);
    this.#conversation = conversation;
    this.#text.value = conversation === undefined ? '' : (this.#drafts.get(conversation) ?? '');
    this.allow(conversation !== undefined);
    if (conversation === undefined) return;
    // On a phone the keyboard would cover half of what one came to read.
    if (matchMedia('(hover: hover)').matches) this.#text.focus();
  }

  allow(isAllowed: boolean): void {
    this.#form.hidden = !isAllowed;
  }
}
