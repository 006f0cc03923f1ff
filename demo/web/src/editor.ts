import { create, type Draft, Refusal, remove, replace } from './api.js';
import { byId, make } from './dom.js';
import { CATEGORIES, formatClock, type Product } from './product.js';
import { settings } from './settings.js';

const TEXTS = ['sku', 'name', 'brand', 'category'] as const;

/** The dialog in which a product is written, changed or removed. */
export class Editor {
  readonly #dialog = byId<HTMLDialogElement>('editor');
  readonly #form = byId<HTMLFormElement>('editor-form');
  readonly #message = byId('editor-message');
  readonly #delete = byId<HTMLButtonElement>('editor-delete');
  #product: Product | undefined;

  constructor() {
    const categories = CATEGORIES.map((category) => make('option', '', category));
    this.#input('category').append(...categories);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#do(() => this.#save());
    });
    this.#delete.addEventListener('click', () => {
      const id = this.#product?.id;
      if (id !== undefined) void this.#do(() => remove(id, settings.carries));
    });
    byId('editor-cancel').addEventListener('click', () => this.#dialog.close());
    // A press on the backdrop is one on the dialog itself: the form covers all of its inside.
    this.#dialog.addEventListener('pointerdown', (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
  }

  /** Opens on a product, or on a new one. */
  open(product?: Product, category: string = CATEGORIES[0]): void {
    this.#product = product;
    this.#forget();
    byId('editor-title').textContent = product ? product.name : 'A new product';
    byId('editor-version').textContent = product
      ? `No. ${product.id}, version ${product.version}, changed at ${formatClock(product.updated_at)}`
      : 'It appears in every open window.';
    for (const field of TEXTS) this.#input(field).value = product?.[field] ?? '';
    this.#input('category').value = product?.category ?? category;
    this.#input('price').value = product ? (product.price / 100).toFixed(2) : '';
    this.#input('stock').value = String(product?.stock ?? 0);
    this.#input('rating').value = String(product?.rating ?? 0);
    this.#delete.hidden = !product;
    this.#dialog.showModal();
    this.#input(product ? 'price' : 'name').focus();
  }

  #save(): Promise<void> {
    const draft: Draft = {
      sku: this.#input('sku').value,
      name: this.#input('name').value,
      brand: this.#input('brand').value,
      category: this.#input('category').value,
      price: Math.round(Number(this.#input('price').value) * 100),
      stock: Number(this.#input('stock').value),
      rating: Number(this.#input('rating').value),
    };
    return this.#product
      ? replace(this.#product.id, draft, settings.carries)
      : create(draft, settings.carries);
  }

  async #do(work: () => Promise<void>): Promise<void> {
    this.#forget();
    this.#dialog.ariaBusy = 'true';
    try {
      await work();
      this.#dialog.close();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#message.textContent = error.message;
      for (const [field, [text]] of Object.entries(error.fields)) this.#complain(field, text ?? '');
    } finally {
      this.#dialog.ariaBusy = 'false';
    }
  }

  #complain(field: string, text: string): void {
    const input = this.#input(field);
    input.setAttribute('aria-invalid', 'true');
    const note = make('small', 'field-error', text);
    note.id = `${input.id}-error`;
    input.setAttribute('aria-describedby', note.id);
    input.after(note);
  }

  #forget(): void {
    this.#message.textContent = '';
    for (const note of this.#form.querySelectorAll('.field-error')) note.remove();
    for (const input of this.#form.querySelectorAll('[aria-invalid]')) {
      input.removeAttribute('aria-invalid');
      input.removeAttribute('aria-describedby');
    }
  }

  #input(field: string): HTMLInputElement {
    return byId<HTMLInputElement>(`editor-${field}`);
  }
}
