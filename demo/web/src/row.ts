import { make } from './dom.js';
import { formatClock, formatCount, formatPrice, type Product } from './product.js';

const CELLS = ['name', 'category', 'rating', 'stock', 'price', 'version'] as const;
type Cell = (typeof CELLS)[number];

/** One painted row. It is kept while its product is in view, so focus and highlight stay with it. */
export class RowView {
  readonly element = make('div', 'row');
  readonly #cells: Record<Cell, HTMLElement>;
  readonly #open = make('button', 'row-name');
  readonly #sub = make('span', 'row-sub');
  #product: Product | undefined;

  constructor(onOpen: (product: Product) => void) {
    this.element.role = 'row';
    const cells = CELLS.map((cell) => {
      const element = make('span', `cell cell-${cell}`);
      element.role = 'cell';
      return [cell, element] as const;
    });
    this.#cells = Object.fromEntries(cells) as Record<Cell, HTMLElement>;
    this.#open.type = 'button';
    this.#cells.name.append(this.#open, this.#sub);
    this.element.append(...cells.map(([, element]) => element));
    // The whole row is a target for the mouse; the keyboard has the name.
    this.element.addEventListener('click', () => this.#product && onOpen(this.#product));
  }

  /** Whether the tab key stops here; of all rows it is one. */
  set isTabStop(isTabStop: boolean) {
    this.#open.tabIndex = isTabStop ? 0 : -1;
  }

  focus(): void {
    this.#open.focus({ preventScroll: true });
  }

  show(product: Product, index: number, height: number): void {
    this.element.style.transform = `translateY(${index * height}px)`;
    this.element.ariaRowIndex = String(index + 2);
    if (product === this.#product) return;
    const isNew = !this.#product;
    this.#product = product;
    const { dataset } = this.element;
    dataset.id = String(product.id);
    dataset.version = String(product.version);
    this.#text(this.#open, product.name, isNew);
    this.#open.setAttribute('aria-label', `Edit ${product.name}`);
    this.#text(this.#sub, `${product.sku}   ${product.brand}`, isNew);
    this.#text(this.#cells.category, product.category, isNew);
    this.#text(this.#cells.rating, product.rating.toFixed(1), isNew);
    this.#text(this.#cells.stock, product.stock ? formatCount(product.stock) : 'none', isNew);
    this.#cells.stock.classList.toggle('is-none', product.stock === 0);
    this.#text(this.#cells.price, formatPrice(product.price), isNew);
    this.#text(this.#cells.version, formatClock(product.updated_at), true);
    this.#cells.version.title = `version ${product.version}`;
  }

  /** Shows for as long as the class is there that this row changed. */
  highlight(lasts: boolean): void {
    const { classList } = this.element;
    if (classList.contains('is-changed')) {
      classList.remove('is-changed');
      void this.element.offsetWidth; // So that the animation begins anew.
    }
    classList.toggle('is-changed', lasts);
    if (!lasts) this.element.querySelectorAll('.is-different').forEach(unmark);
  }

  #text(element: HTMLElement, text: string, isQuiet: boolean): void {
    if (element.textContent === text) return;
    element.textContent = text;
    if (!isQuiet) element.classList.add('is-different');
  }
}

function unmark(element: Element): void {
  element.classList.remove('is-different');
}
